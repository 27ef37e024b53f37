/** ESM throughout: tests run on the sources, types stripped by SWC. */
import { availableParallelism } from 'node:os'

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: {
    '^quern$': '<rootDir>/lib/definition/index.ts',
    '^quern/reader$': '<rootDir>/lib/reader.ts',
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Need a JDK, Python: `npm run conformance`, `npm run clients`, `npm run deployed`.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/conformance/',
    '<rootDir>/test/clients/',
    '<rootDir>/test/deployed/',
  ],
  // Long enough for a machine under load: a test fails by what it asserts, not by time.
  testTimeout: 900_000,
  // Two at least: jest would take one of two cores. A process that has grown is made anew.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '1GB',
}
