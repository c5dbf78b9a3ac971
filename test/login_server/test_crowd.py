"""A thousand people sign in at the same time."""

import asyncio
import re
import resource
import time
from urllib.parse import urlencode, urljoin, urlsplit

from harness import PASSWORD, USER, Browser, TestCase, unescape

PEOPLE = (1000, 250, 60)  # a machine that is too slow for so many within the servers' time limits is asked for fewer
LONGEST = 900  # seconds, for all of them
SHORTEST_LIMIT = 5  # seconds: no time limit of the servers is shorter, so that what fails earlier is not too slow


class Person:
    """A browser for asyncio: a connection a request, as a crowd has no connections to keep."""

    def __init__(self):
        self.cookies = {}

    async def request(self, method, url, fields=None):
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = urlencode(fields or {}).encode() if method == "POST" else b""
        head = [f"{method} {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1",
                f"Host: {parts.netloc}", "Connection: close", "Accept: text/html"]
        if self.cookies:
            head.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if method == "POST":
            head += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        answer = (await reader.read()).decode("utf-8", "replace")
        writer.close()
        header, _, content = answer.partition("\r\n\r\n")
        status = int(header.split(" ", 2)[1])
        location = None
        for line in header.split("\r\n")[1:]:
            name, value = line.split(": ", 1)
            if name.lower() == "location":
                location = urljoin(url, value)
            if name.lower() == "set-cookie":
                self.cookies.update([value.split(";", 1)[0].split("=", 1)])
        return status, location, content

    async def sign_in(self, server, together):
        await together.wait()
        status, location, content = await self.request("GET", server.url + "/login?return_to=/healthz")
        url = server.url
        for _ in range(10):
            if status == 200:
                form = re.search(r'<form [^>]*action="([^"]*)"[^>]*>(.*?)</form>', content.split("<main")[-1], re.S)
                fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form.group(2)))
                fields |= {"username": USER, "password": PASSWORD, "decision": "allow"}
                url = urljoin(url, unescape(form.group(1)))
                status, location, content = await self.request("POST", url, fields)
            elif location == server.url + "/healthz":
                return await self.request("GET", server.url + "/profile")
            elif location:
                url = location
                status, location, content = await self.request("GET", url)
            else:
                break
        return status, location, content


class Crowd(TestCase):
    def test_a_thousand_people(self):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
        for people in PEOPLE:
            self.start("--log", "json", client={"consent": "implied"})
            results, took = asyncio.run(self.crowd(people))
            failures = {str(result)[-300:] for result in results if isinstance(result, Exception) or result[0] != 200}
            print(f"{people} sign-ins at once took {took:.1f} s, {len(failures)} kinds of failures", flush=True)
            if not failures or took < SHORTEST_LIMIT:
                break
        self.assertEqual(failures, set())
        self.assertEqual((self.provider.count("metadata"), self.provider.count("jwks")), (1, 1))
        self.assertEqual(Browser().get(self.server.url + "/healthz").status, 200)
        self.assertEqual(sum(event["event"] == "sign_in.completed" for event in self.server.events()), people)
        self.server.stop()

    async def crowd(self, size):
        together = asyncio.Event()
        people = [asyncio.create_task(Person().sign_in(self.server, together)) for _ in range(size)]
        await asyncio.sleep(0)
        began = time.monotonic()
        together.set()
        results = await asyncio.wait_for(asyncio.gather(*people, return_exceptions=True), LONGEST)
        return results, time.monotonic() - began
