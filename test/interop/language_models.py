"""Asks a language model by clients of others, and prints what they saw as JSON: openai | llmeter, URL, run, requests."""

import asyncio
import json
import sys

what, url, run, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
options = dict(base_url=f"{url}/v1", api_key="sk-loadcell-python", default_headers={"x-loadcell-run": run}, max_retries=0)
model, messages = "loadcell-1", [{"role": "user", "content": "What is a knee?"}]
tool = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


def by_openai():
    import openai

    client = openai.OpenAI(**options)
    stream = client.chat.completions.create(
        model=model, messages=messages, max_tokens=20, stream=True, stream_options={"include_usage": True}
    )
    parts, usage = [], None
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            parts.append(chunk.choices[0].delta.content)
        usage = chunk.usage or usage
    called = client.chat.completions.create(
        model=model, messages=messages, tools=[{"type": "function", "function": tool}], tool_choice="required"
    )
    call = called.choices[0].message.tool_calls[0]
    with client.responses.stream(model=model, input="What is a knee?") as events:
        types = [event.type for event in events]
        final = events.get_final_response()
    errors = []
    for body in (dict(model="other", messages=messages), dict(model=model, messages=messages, max_tokens=0)):
        try:
            client.chat.completions.create(**body)
        except openai.APIStatusError as error:
            errors.append([type(error).__name__, error.status_code, error.code])
    return {
        "parts": len(parts),
        "usage": [usage.prompt_tokens, usage.completion_tokens],
        "call": [call.function.name, sorted(json.loads(call.function.arguments))],
        "callTokens": [called.usage.prompt_tokens, called.usage.completion_tokens],
        "deltas": types.count("response.output_text.delta"),
        "last": types[-1],
        "response": [final.usage.input_tokens, final.usage.output_tokens],
        "errors": errors,
    }


async def by_llmeter():
    from llmeter.endpoints.openai import OpenAICompletionStreamEndpoint
    from llmeter.runner import Runner

    endpoint = OpenAICompletionStreamEndpoint(model_id=model, **options)
    payload = OpenAICompletionStreamEndpoint.create_payload("What is a knee?", max_tokens=40, ignore_eos=True)
    # The client passes on only what it knows.
    payload["extra_body"] = {"ignore_eos": payload.pop("ignore_eos")}
    clients = 8
    result = await Runner(endpoint).run(payload=payload, clients=clients, n_requests=count // clients)
    responses = [response for response in result.responses if response.error is None]
    return {
        "responses": len(responses),
        "errors": [response.error for response in result.responses if response.error is not None][:3],
        "input": sum(response.num_tokens_input for response in responses),
        "output": sum(response.num_tokens_output for response in responses),
        "ttftMs": [response.time_to_first_token * 1000 for response in responses],
        "tpotMs": [response.time_per_output_token * 1000 for response in responses],
    }


print("\n" + json.dumps(by_openai() if what == "openai" else asyncio.run(by_llmeter())))
