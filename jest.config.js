/** ESM throughout: tests run on the sources, types stripped by SWC. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } } }] },
  moduleNameMapper: { '^quern$': '<rootDir>/lib/definition/index.ts' },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Needs a JDK and Python: `npm run conformance`.
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/conformance/'],
  testTimeout: 120_000,
}
