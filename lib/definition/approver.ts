/** Who must agree to a change of a view or service before it is merged. */
export interface Approver {
  /** As CODEOWNERS knows people: an e-mail address, `@user` or `@organization/team`. */
  readonly name: string
  /**
   * An Ed25519 public key in PEM (`-----BEGIN PUBLIC KEY-----`): approvals must then be signed with its private key.
   * @default approvals of this name need no signature
   */
  readonly publicKey?: string
}

/** A name alone, or a name with its key. */
export type ApproverDeclaration = string | Approver
