import { tellBadInput } from "../bad-input/bad-input";
import { tellExplorerPage } from "../explorer-page/explorer-page";
import { type Platform, startPlatform } from "../harness/platform";
import { tellLiveEverywhere } from "../live-everywhere/live-everywhere";
import { tellOrderToConfirmed } from "../order-to-confirmed/order-to-confirmed";
import { tellPartnerDocs } from "../partner-docs/partner-docs";
import { tellPartnersCall } from "../partners-call/partners-call";
import { tellPartnersOperate } from "../partners-operate/partners-operate";
import { tellSandbox } from "../sandbox/sandbox";
import { tellSoldOut } from "../sold-out/sold-out";

/**
 * The stories that leave every process alive share one platform, because a start takes longer than most of them.
 * Each stands in its own folder; `-t "the last unit"` runs one of them.
 */
let platform: Platform;
jest.setTimeout(60_000);

beforeAll(async () => {
  platform = await startPlatform();
}, 120_000);
afterAll(() => platform?.stop());

tellOrderToConfirmed(() => platform);
tellSoldOut(() => platform);
tellPartnersCall(() => platform);
tellPartnersOperate(() => platform);
tellSandbox(() => platform);
tellExplorerPage(() => platform);
tellPartnerDocs(() => platform);
tellLiveEverywhere(() => platform);
tellBadInput(() => platform);
