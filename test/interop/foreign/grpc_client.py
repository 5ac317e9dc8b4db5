"""Calls all kinds of methods with grpcio, which finds them by reflection, and prints what it saw as JSON.

    grpc_client.py <host:port> <reader's token> <writer's token> <user's token>
"""

import json
import queue
import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

EVENTS = 5


def main(host, reader_token, writer_token, user_token):
    channel = grpc.insecure_channel(host)
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    message = lambda name: GetMessageClass(pool.FindMessageTypeByName(name))
    bearer = lambda token: (("authorization", f"Bearer {token}"),)

    def method(name):
        service, _, own = name.partition("/")
        found = pool.FindServiceByName(service).FindMethodByName(own)
        kinds = {
            (False, False): channel.unary_unary,
            (False, True): channel.unary_stream,
            (True, False): channel.stream_unary,
            (True, True): channel.stream_stream,
        }
        return kinds[(found.client_streaming, found.server_streaming)](
            f"/{name}",
            request_serializer=lambda value: value.SerializeToString(),
            response_deserializer=GetMessageClass(found.output_type).FromString,
        )

    publish_request = message("loadcell.v1.PublishRequest")
    event = lambda id, data="{}": publish_request(event_type="order.created", event_id=id, data_json=data)
    publish = method("loadcell.v1.Events/Publish")
    place = lambda found: [found.stream, found.partition, found.offset]

    subscribe = message("loadcell.v1.SubscribeRequest")(streams=["orders"], **{"from": 1})
    following = method("loadcell.v1.Events/Subscribe")(subscribe, metadata=bearer(reader_token))
    published = [place(publish(event(f"python-{n}"), metadata=bearer(writer_token))) for n in range(EVENTS)]
    followed = []
    for item in following:
        if item.HasField("event"):
            followed.append(place(item.event))
        if len(followed) == EVENTS:
            break
    following.cancel()

    many = [event("a"), event("b"), event("a"), event("c"), event("d", "no JSON")]
    answer = method("loadcell.v1.Events/PublishAll")(iter(many), metadata=bearer(writer_token))
    summary = {
        "accepted": answer.accepted_count,
        "duplicate": answer.duplicate_count,
        "rejected": answer.rejected_count,
    }

    chat_request = message("loadcell.v1.ChatRequest")
    converse = method("loadcell.v1.Chat/Converse")

    def join():
        said = queue.Queue()
        said.put(chat_request(join={"channel": "room:lobby"}))
        heard = converse(iter(said.get, None), metadata=bearer(user_token))
        next(heard)
        return said, heard

    (ann, ann_heard), (ben, ben_heard) = join(), join()
    ann.put(chat_request(say={"id": "1", "text": "hello"}))
    accepted, delivered = next(ann_heard), next(ben_heard)
    heard = [
        {"accepted": accepted.accepted.sequence},
        {"message": delivered.message.sequence, "text": json.loads(delivered.message.json)["text"]},
    ]
    ann.put(None)
    ben.put(None)
    # The target ends both calls once their clients have.
    for rest in (ann_heard, ben_heard):
        for _ in rest:
            pass

    follow = message("loadcell.v1.FollowRequest")(symbols=["NASDAQ:AAPL"])
    late = ""
    try:
        for _ in method("loadcell.v1.Quotes/Follow")(follow, timeout=0.3):
            pass
    except grpc.RpcError as error:
        late = error.code().name

    refused = {}
    try:
        publish(event("x", "no JSON"), metadata=bearer(writer_token))
    except grpc.RpcError as error:
        status = message("google.rpc.Status")()
        status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
        info = message("google.rpc.ErrorInfo")()
        info.ParseFromString(status.details[0].value)
        refused = {"code": error.code().name, "reason": info.reason}

    seen = {
        "published": published,
        "followed": followed,
        "summary": summary,
        "heard": heard,
        "late": late,
        "refused": refused,
    }
    print(json.dumps(seen))


main(*sys.argv[1:])
