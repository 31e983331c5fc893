import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("refresh_tokens")
export class RefreshTokenRow {
  /** SHA-256 of the token. */
  @PrimaryColumn("bytea")
  hash!: Buffer;

  @Column("uuid", { name: "session_id" })
  sessionId!: string;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "expires_at" })
  expiresAt!: Date;

  /** When it was exchanged for its successor; from then on its use is a re-use. */
  @Column("timestamptz", { name: "used_at", nullable: true })
  usedAt!: Date | null;
}
