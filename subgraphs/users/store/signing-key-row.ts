import type { JWK } from "jose";
import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("signing_keys")
export class SigningKeyRow {
  @PrimaryColumn("text")
  kid!: string;

  /** Of `sealKey`; opened with INTERNAL_SECRET. */
  @Column("bytea", { name: "private_jwk_encrypted" })
  privateJwkEncrypted!: Buffer;

  @Column("jsonb", { name: "public_jwk" })
  publicJwk!: JWK;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  /** Signs no more from then on; what it signed before is still accepted while it lives. */
  @Column("timestamptz", { name: "retired_at", nullable: true })
  retiredAt!: Date | null;
}
