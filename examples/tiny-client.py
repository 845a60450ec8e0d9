"""python3 examples/tiny-client.py http://127.0.0.1:8080 ada 'correct horse' <circle>/<stream>"""
import asyncio, contextlib, json, random, sys, threading, time, types, uuid
if len(sys.argv) != 5 or not sys.argv[1].startswith("http"): sys.exit(f"usage: {__doc__}")
from websockets import ConnectionClosed, WebSocketException, connect

url, username, password, s = sys.argv[1:5]
posts = {}  # Posts without an answer, by message id.
at = types.SimpleNamespace(socket=None, token=None, epoch=None, place={}, shown=0, tries=0, wait=None)

async def send(**frame):
    with contextlib.suppress(ConnectionClosed):  # Resent on the next connection.
        await at.socket.send(json.dumps(frame))
async def more():
    await send(t="get", id=str(uuid.uuid4()), s=s, after=at.shown, limit=200)
async def say():
    for post in list(posts.values())[:1]: await send(**post)  # One at a time, in order.
async def show(messages):
    for message in (message for message in messages if message["m"] > at.shown):
        if message["m"] > at.shown + 1:
            return await more()  # More was missed than is sent as events.
        print(message["m"], message["by"] + ":", message.get("text", "(deleted)"), flush=True)
        at.shown = message["m"]
async def take(t, d={}, **frame):
    if t == "ping": await send(t="pong", n=frame["n"])
    if t == "bye": at.wait = frame["after"] / 1000
    if t == "end" or t == "err" and "retryAfter" not in frame: sys.exit(json.dumps(frame))
    if t == "err": at.wait = frame["retryAfter"] / 1000  # Everything is resent on reconnect.
    if t == "err": await at.socket.close()
    if t == "ok" and posts.pop(frame["id"], None): await say()
    if "epoch" in d: at.token, at.epoch, at.tries = d.get("token", at.token), d["epoch"], 0
    if t == "reset" and frame["why"] != "too-far": at.shown = ([m["m"] for m in frame["messages"]] or [1])[0] - 1
    if t == "reset": at.place = {"after": frame["n"], "epoch": at.epoch}  # For the next `sub`.
    await show(frame.get("messages", d.get("messages", [])))
    if d.get("more", {}).get("after"): await more()
    for event in frame.get("e", []):
        if event["n"] != at.place["after"] + 1: return await at.socket.close()  # The next connection resumes.
        at.place["after"] = event["n"]
        if event["k"] == "message-posted": await show([{**event["d"], "by": event["by"]}])
async def talk():
    who = {"token": at.token} if at.token else {"username": username, "password": password}
    async with connect(url.replace("http", "ws", 1) + "/v1/connect", max_size=None) as at.socket:
        await send(t="hello", id="hello", v=1, **who)
        await send(t="sub", id="sub", s=s, **(at.place or {"last": 50}))
        await say()
        async for text in at.socket: await take(**json.loads(text))  # The library detects dead connections.
async def main():
    threading.Thread(target=read_lines, args=[asyncio.get_running_loop()], daemon=True).start()
    while True:
        with contextlib.suppress(OSError, WebSocketException): await talk()
        code = at.socket.close_code if at.socket else None
        if code and (4400 <= code < 4500 or code in (1002, 1003, 1007, 1009)): sys.exit(f"closed: {code}")
        await asyncio.sleep(random.uniform(0, min(30, 0.5 * 2**at.tries)) if at.wait is None else at.wait)
        at.wait, at.tries = None, at.tries + 1
def read_lines(loop):
    for text in sys.stdin:
        stamp, id = f"{int(time.time() * 1000):012x}", str(uuid.uuid4())
        id = f"{stamp[:8]}-{stamp[8:]}-7{id[15:]}"
        posts[id] = {"t": "cmd", "id": id, "op": "post-message", "d": {"s": s, "id": id, "text": text.strip()}}
        if at.socket and len(posts) == 1: asyncio.run_coroutine_threadsafe(say(), loop)
asyncio.run(main())
