// Social organisms for programs that have an ad4m client already.
import { ApolloClient, InMemoryCache } from "@apollo/client/core/index.js";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions/index.js";
import type { Ad4mClient } from "@coasys/ad4m";
import type { Client } from "graphql-ws";

import type { Identity } from "./identity.js";
import { SocialOrganisms } from "./so.js";
import { overApollo } from "./transport.js";

/** An Apollo client as ad4m programs make it: over a graphql-ws client, and without a cache that would go stale. */
export function apolloOver(client: Client): ApolloClient<unknown> {
  return new ApolloClient({
    link: new GraphQLWsLink(client),
    cache: new InMemoryCache({ addTypename: false }),
    defaultOptions: {
      watchQuery: { fetchPolicy: "no-cache" },
      query: { fetchPolicy: "no-cache" },
      mutate: { fetchPolicy: "no-cache" },
    },
  });
}

/** Gives an existing ad4m client its `so` section, over the Apollo client it was made with. */
export function withSocialOrganisms<T extends Ad4mClient>(
  ad4m: T,
  apollo: ApolloClient<unknown>,
  identity: Identity | null = null,
): T & { readonly so: SocialOrganisms } {
  return Object.assign(ad4m, { so: new SocialOrganisms(overApollo(apollo), identity) });
}
