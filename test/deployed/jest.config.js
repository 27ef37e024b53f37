/** The tests that need the lane's servers; started by index.ts. */
import config from '../../jest.config.js'

export default {
  ...config,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/deployed/**/*.test.ts'],
  globalSetup: '<rootDir>/test/deployed/bootstrap.ts',
  testPathIgnorePatterns: ['/node_modules/'],
  // One emulator and one Trino serve them all.
  maxWorkers: 1,
  testTimeout: 900_000,
}
