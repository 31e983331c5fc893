import { Column, Entity, PrimaryColumn } from "typeorm";
import type { Role } from "../domain/role";
import type { User } from "../domain/user";

@Entity("users")
export class UserRow {
  @PrimaryColumn("uuid")
  id!: string;

  @Column("text")
  email!: string;

  @Column("text")
  name!: string;

  /** Read only by who asks for it: a list of users has no business with it. */
  @Column("text", { name: "password_hash", select: false })
  passwordHash!: string;

  @Column("text", { array: true })
  roles!: Role[];

  @Column("boolean")
  demo!: boolean;

  @Column("timestamptz", { name: "created_at" })
  createdAt!: Date;
}

export const toUser = ({ id, email, name, roles, demo, createdAt }: UserRow): User => ({
  id,
  email,
  name,
  roles,
  demo,
  createdAt,
});
