import { Column, Entity, PrimaryColumn } from "typeorm";

@Entity("partners")
export class PartnerRow {
  @PrimaryColumn("uuid")
  id!: string;

  @Column("text")
  slug!: string;

  @Column("text")
  name!: string;
}
