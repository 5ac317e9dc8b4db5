"""Reads, writes and follows a shop with gql, a client of GraphQL in Python, and prints what it saw as JSON.

    graphql_client.py <http url> <reader's token> <writer's token>
"""

import asyncio
import json
import sys

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

EVENTS = 20


async def main(url, reader, writer):
    seen = {}
    over_http = AIOHTTPTransport(url + "/graphql", headers={"Authorization": f"Bearer {writer}"})
    # It asks for the schema, and checks each document against it.
    async with Client(transport=over_http, fetch_schema_from_transport=True) as shop:
        seen["product"] = await shop.execute(gql("{ product(id: 7) { id name price tags } }"))
        try:
            await shop.execute(gql("mutation { createOrder(input: { product_id: 999999 }) { id } }"))
        except TransportQueryError as error:
            seen["error"] = error.errors[0]["extensions"]["code"]

        socket = WebsocketsTransport(
            url.replace("http", "ws") + "/graphql/subscriptions",
            init_payload={"authorization": f"Bearer {reader}"},
            subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
        )
        async with Client(transport=socket) as follower:
            follow = gql('subscription { events(streams: ["orders"], from: earliest) { event_id offset partition } }')
            results = follower.subscribe(follow)
            publish = gql("mutation ($e: EventInput!) { publishEvent(event: $e) { event_id offset partition } }")
            published = []
            for n in range(EVENTS):
                event = {"event_type": "order.created", "event_id": f"python-{n}", "data": {"total": n}}
                publish.variable_values = {"e": event}
                published.append((await shop.execute(publish))["publishEvent"])
            followed = []
            async for result in results:
                followed.append(result["events"])
                if len(followed) == EVENTS:
                    break
            seen["published"], seen["followed"] = published, followed
    print(json.dumps(seen))


asyncio.run(main(*sys.argv[1:]))
