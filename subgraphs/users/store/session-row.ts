import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("sessions")
export class SessionRow {
  @PrimaryColumn("uuid")
  id!: string;

  @Column("uuid", { name: "user_id" })
  userId!: string;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;

  @Column("timestamptz", { name: "last_used_at" })
  lastUsedAt!: Date;

  @Column("timestamptz", { name: "ended_at", nullable: true })
  endedAt!: Date | null;

  @Column("text", { name: "end_reason", nullable: true })
  endReason!: "logged-out" | "token-reused" | null;
}
