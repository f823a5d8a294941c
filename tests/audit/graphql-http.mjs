// Runs every server audit of graphql-http against the address given; one line per audit, then the count.
// Exit code 1 when one does not pass.
import { serverAudits } from "graphql-http";

const url = process.argv[2];
const audits = serverAudits({ url, fetchFn: fetch });
let passed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  const ok = result.status === "ok";
  passed += ok ? 1 : 0;
  if (!ok) console.log(`${result.status} ${audit.id} ${audit.name}: ${result.reason ?? ""}`);
}
console.log(`${passed} of ${audits.length} passed`);
process.exit(passed === audits.length ? 0 : 1);
