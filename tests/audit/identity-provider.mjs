// An identity provider (the certified oidc-provider) for one test: prints, as one line of JSON, its issuer and a token that it
// gave to each of the services that it knows. Ends with its standard input.
import { Provider } from "oidc-provider";
import { createServer } from "node:http";
import { generateKeyPairSync } from "node:crypto";

const AUDIENCE = "passerelle";
// What it says of each, in the words of a provider: one that the gateway trusts it with, one of an organisation that it may
// not assert, one of a role that it may not assert.
const roles = (...all) => ({ roles: ["offline_access", ...all] });
const says = {
  agglo: { realm_access: roles("passerelle-partner"), organisation: { siret: "20009320100016" }, groups: ["/territoires/mel"] },
  elsewhere: { realm_access: roles("passerelle-partner"), organisation: { siret: "20005374200017" } },
  auditor: { realm_access: roles("AUDITOR"), organisation: { siret: "20009320100016" } },
};

const server = createServer().listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "2026", use: "sig", alg: "RS256" }] },
    clients: Object.keys(says).map((client_id) => ({
      client_id, client_secret: "secret", token_endpoint_auth_method: "client_secret_post",
      grant_types: ["client_credentials"], redirect_uris: [], response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => "urn:passerelle",
        getResourceServerInfo: () => ({ audience: AUDIENCE, scope: "", accessTokenFormat: "jwt", accessTokenTTL: 300, jwt: { sign: { alg: "RS256" } } }),
      },
    },
    extraTokenClaims: (_, token) => says[token.clientId],
  });
  server.on("request", provider.callback());
  const token = async (client) => {
    const asked = new URLSearchParams({ grant_type: "client_credentials", client_id: client, client_secret: "secret" });
    const answer = await fetch(`${issuer}/token`, { method: "POST", body: asked });
    return [client, (await answer.json()).access_token];
  };
  Promise.all(Object.keys(says).map(token)).then((given) => {
    console.log(JSON.stringify({ issuer, tokens: Object.fromEntries(given) }));
  });
});
process.stdin.resume().on("end", () => process.exit(0));
