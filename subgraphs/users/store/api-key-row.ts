import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from "typeorm";
import { PartnerRow } from "./partner-row";

@Entity("api_keys")
export class ApiKeyRow {
  /** The public part of the key, 12 characters. */
  @PrimaryColumn("text")
  id!: string;

  @ManyToOne(() => PartnerRow)
  @JoinColumn({ name: "partner_id" })
  partner!: Relation<PartnerRow>;

  /** Of `hashApiKey`, with the pepper of the time when the key was made. */
  @Column("text")
  hash!: string;

  @Column("text")
  mode!: "live" | "test";

  @Column("text", { array: true })
  scopes!: string[];

  @Column("timestamptz", { name: "expires_at", nullable: true })
  expiresAt!: Date | null;

  @Column("timestamptz", { name: "revoked_at", nullable: true })
  revokedAt!: Date | null;

  @Column("timestamptz", { name: "last_used_at", nullable: true })
  lastUsedAt!: Date | null;

  /** The published demo key: never answered where NODE_ENV is "production". */
  @Column("boolean")
  demo!: boolean;
}
