/** A person or team whose approval a change of a view or service needs before it is merged. */
export interface Approver {
  /** As in CODEOWNERS: an e-mail address, `@user` or `@organization/team`. */
  readonly name: string
  /**
   * An Ed25519 public key in PEM (`-----BEGIN PUBLIC KEY-----`). Approvals must then be signed with the private key.
   * @default approvals by this name need no signature
   */
  readonly publicKey?: string
}

/** A name alone, or a name with a public key. */
export type ApproverDeclaration = string | Approver
