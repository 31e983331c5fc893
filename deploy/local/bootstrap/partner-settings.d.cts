export interface PartnerSettings {
  readonly PARTNERS_DATABASE_URL?: string;
  readonly PARTNER_KEY_PEPPER?: string;
}
export function writePartnerSettings(dataDirectory: string, settings: PartnerSettings): void;
export function removePartnerSettings(dataDirectory: string): void;
export function readPartnerSettings(root: string, env: Readonly<Record<string, string | undefined>>): PartnerSettings;
