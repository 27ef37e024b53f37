/** The tests that need the lane's servers; started by index.ts. */
import config from '../../jest.config.js'

export default {
  ...config,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/conformance/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // One Trino serves them all.
  maxWorkers: 1,
  testTimeout: 900_000,
}
