/** The part of asl-validator that tests use; the package has no types. */
declare module 'asl-validator' {
  export interface Options {
    readonly checkPaths?: boolean
    readonly checkArn?: boolean
  }
  export interface Verdict {
    readonly isValid: boolean
    readonly errors: readonly object[]
  }
  export default function validate(definition: object, options?: Options): Verdict
}
