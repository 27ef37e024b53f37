/** The tests that need Python: `npm run clients`. */
import config from '../../jest.config.js'

export default {
  ...config,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/clients/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Long enough to install what a test needs, the first time.
  testTimeout: 600_000,
}
