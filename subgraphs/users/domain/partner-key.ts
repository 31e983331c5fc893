/** What a gateway must know of a key to admit a partner: the answer of `GET /internal/partner-keys/<key id>`. */
export interface PartnerKey {
  readonly keyId: string;
  readonly partnerId: string;
  readonly partnerSlug: string;
  /** Of the partner, for people. */
  readonly name: string;
  readonly mode: "live" | "test";
  /** Of `hashApiKey`: 64 hex digits. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly demo: boolean;
}

export interface PartnerKeys {
  /** Notes the time as the key's last use. Whether the key is right, expired or revoked is for the gateway to judge. */
  find(keyId: string): Promise<PartnerKey | undefined>;
}
