"""The command line: what it takes, and the one clear line for what it does not."""

import array
import fcntl
import os
import resource
import socket
import subprocess
import tempfile
import termios
import threading
import time
import unittest

from harness import CLIENT_SECRET, LOGIN_SERVER, PATIENCE, TestCase, free_port

KIB = 1024
MIB = 1024 * 1024
SEAL_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU"

ISSUER = ("--issuer", "https://provider.example", "--client-id", "me")
ENDPOINTS = ("--authorization-endpoint", "https://provider.example/a", "--token-endpoint",
             "https://provider.example/t", "--client-id", "me")


def run(*arguments, secret=None):
    environment = {name: value for name, value in os.environ.items() if name != "COAUTH_CLIENT_SECRET"}
    if secret is not None:
        environment["COAUTH_CLIENT_SECRET"] = secret
    return subprocess.run([LOGIN_SERVER, *arguments], capture_output=True, text=True, timeout=PATIENCE, env=environment)


def run_measured(*arguments):
    """What it prints, and how many bytes of memory it had at most. It is ended if it takes long, of processor time."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen([LOGIN_SERVER, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)))
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(arguments, process.returncode, out.read(), err.read()), usage.ru_maxrss * KIB


class Options(TestCase):
    def refused(self, *arguments, says, secret=None):
        with self.subTest(arguments=arguments):
            got = run(*arguments, secret=secret)
            self.assert_refusal(got, says)
            return got.stderr

    def assert_refusal(self, got, says):
        self.assertEqual(got.returncode, 2, got)
        self.assertEqual(got.stdout, "")
        self.assertEqual(got.stderr.count("\n"), 1, got.stderr)
        self.assertTrue(got.stderr.startswith("login_server: "), got.stderr)
        self.assertIn(says, got.stderr)

    def test_help_and_version(self):
        got = run("--help")
        self.assertEqual((got.returncode, got.stderr), (0, ""))
        for option in ("--listen", "--issuer", "--client-id", "--client-secret-file", "--response-mode", "--resource",
                       "--ca-file", "--insecure-loopback", "--log", "--walkthrough", "--authorize-param",
                       "--id-token-alg", "--client-key", "--client-key-id", "--client-key-alg",
                       "--post-logout-redirect-uri", "--state-store", "--token-store", "--seal-key-file"):
            self.assertIn(option, got.stdout)
        self.assertRegex(run("--version").stdout, r"^login_server \d+\.\d+\.\d+\n$")

    def test_unknown_options(self):
        self.refused("--frobnicate", says="unknown option --frobnicate")
        self.refused("--client-secret", "x", says="unknown option --client-secret")
        self.refused("positional", says="unknown option")
        self.refused("--help=yes", says="--help takes no value")
        self.refused("--issuer", says="--issuer needs a value")
        self.refused("--log", "text", "--log", "json", says="--log is given twice")

    def test_what_could_be_a_secret_is_not_repeated(self):
        for arguments in (("--client-secret=hush-hush",), ("hush-hush",), ("--client-auth", "hush-hush", *ISSUER),
                          ("--authorize-param", "state=hush-hush", *ISSUER), ("--hush-hush\nx",)):
            with self.subTest(arguments=arguments):
                got = run(*arguments)
                self.assertEqual(got.returncode, 2)
                self.assertEqual(got.stderr.count("\n"), 1)
                if "--hush-hush\nx" not in arguments:
                    self.assertNotIn("hush-hush", got.stderr)

    def test_values_that_are_no_choice(self):
        self.refused("--log", "xml", says="--log has to be text or json")
        self.refused("--policy", "fapi9", says="--policy has to be oauth21 or oauth20_compatible")
        self.refused("--response-mode", "fragment", says="--response-mode has to be query or form_post")
        self.refused("--state-store", "disk", says="--state-store has to be memory, sealed or redis://HOST:PORT")
        self.refused("--token-store", "sealed", says="--token-store has to be memory or redis://HOST:PORT")
        self.refused(*ISSUER, "--client-auth", "magic", says="--client-auth has to be")

    def test_redis(self):
        for option in ("--state-store", "--token-store"):
            for url in ("redis://", "redis://:6379", "redis://127.0.0.1:65536", "redis://127.0.0.1:0", "redis://h:1/x",
                        "redis://h:1?x=1", "redis://user:hush-hush@h:1", "redis://@h:1"):
                self.assertNotIn("hush", self.refused(option, url, says=f"{option} needs redis://HOST:PORT"))
            self.refused(option, "rediss://h:1", says=f"{option} has to be memory")
            # A build without Boost.Redis says so; another one has no key to seal with here.
            said = self.refused(*ISSUER, option, "redis://127.0.0.1:1", "--listen", "127.0.0.1:0", says="login_server: ")
            self.assertRegex(said, "without Boost.Redis|--seal-key-file")

    def test_seal_keys(self):
        key = SEAL_KEY
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "keys")

            def refused(content, says):
                with open(path, "w", encoding="ascii") as file:
                    file.write(content)
                self.refused(*ISSUER, "--listen", "127.0.0.1:0", "--state-store", "sealed", "--seal-key-file", path,
                             says=says)

            for content in ("", "\n", "hush-hush", key[:-1], key + "A", key + "\n" + key, key + " " + key, key + "="):
                refused(content, says="--seal-key-file has to hold 1 to 16 keys")
            for missing in (os.path.join(folder, "missing"), folder):
                self.refused(*ISSUER, "--listen", "127.0.0.1:0", "--state-store", "sealed", "--seal-key-file", missing,
                             says="--seal-key-file cannot be read")
            self.refused("--seal-key-file", "", says="--seal-key-file is empty")
            for content in (key, "# why\n\n" + key + "\n"):
                with open(path, "w", encoding="ascii") as file:
                    file.write(content)
                self.start_server(*ISSUER, "--state-store", "sealed", "--seal-key-file", path).stop()

    def test_listen(self):
        self.refused("--listen", "8080", says="HOST:PORT")
        self.refused("--listen", "127.0.0.1:", says="port from 0 to 65535")
        self.refused("--listen", "127.0.0.1:70000", says="port from 0 to 65535")
        self.refused("--listen", "127.0.0.1:80x", says="port from 0 to 65535")
        self.refused("--listen", "::1:8080", says="brackets")
        self.refused("--listen", "no-such-host.invalid:0", says="--listen names a host")
        self.refused("--listen", "0.0.0.0:0", says="--redirect-uri")

    def test_a_port_that_is_taken(self):
        server = self.start_server()
        got = run("--listen", f"127.0.0.1:{server.port}")
        self.assertEqual((got.returncode, got.stdout, got.stderr.count("\n")), (1, "", 1), got)
        self.assertIn(f"cannot listen on 127.0.0.1:{server.port}", got.stderr)

    def test_provider(self):
        self.refused("--issuer", "https://provider.example", says="--client-id is missing")
        self.refused("--issuer", "https://provider.example", "--client-id", "", says="--client-id is missing")
        self.refused("--client-id", "me", says="--client-id needs a provider")
        self.refused("--issuer", "not a url", "--client-id", "me", says="--issuer is not the URL")
        self.refused("--issuer", "https://provider.example?tenant=1", "--client-id", "me", says="--issuer is not")
        self.refused("--issuer", "https://user@provider.example", "--client-id", "me", says="--issuer is not")
        self.refused("--issuer", "http://127.0.0.1:1", "--client-id", "me", says="--insecure-loopback")
        self.refused("--issuer", "http://provider.example", "--client-id", "me", "--insecure-loopback",
                     says="has to be an https URL")
        self.refused(*ISSUER, "--token-endpoint", "https://provider.example/t", says="either --issuer or endpoints")
        self.refused("--token-endpoint", "https://provider.example/t", "--client-id", "me",
                     says="needs --authorization-endpoint and --token-endpoint")
        self.refused(*ENDPOINTS, "--userinfo-endpoint", "http://provider.example/u", says="--userinfo-endpoint has")
        self.refused("--walkthrough", *ISSUER, says="--walkthrough is for the embedded provider")

    def test_an_endpoint_that_sets_parameters_of_the_protocol(self):
        self.refused("--authorization-endpoint", "https://provider.example/a?state=x", "--token-endpoint",
                     "https://provider.example/t", "--client-id", "me", "--listen", "127.0.0.1:0",
                     says="endpoints cannot be used")

    def test_client_secret(self):
        with tempfile.TemporaryDirectory() as folder:
            missing = os.path.join(folder, "missing")
            empty = os.path.join(folder, "empty")
            with open(empty, "w", encoding="ascii") as file:
                file.write("\n")
            self.refused(*ISSUER, "--client-secret-file", missing, says="--client-secret-file cannot be read")
            self.refused(*ISSUER, "--client-secret-file", folder, says="--client-secret-file cannot be read")
            self.refused(*ISSUER, "--client-secret-file", empty, says="--client-secret-file is empty")
            with open(empty, "w", encoding="ascii") as file:
                file.write("hush-hush")
            self.refused(*ISSUER, "--client-auth", "none", "--client-secret-file", empty,
                         says="--client-auth none has no use")
        for method in ("client_secret_basic", "client_secret_post"):
            self.refused(*ISSUER, "--client-auth", method, says="needs --client-secret-file or COAUTH_CLIENT_SECRET")

    # Files that options name

    FILES = {  # option: what else is given
        "--client-secret-file": (*ISSUER,),
        "--client-key": (*ISSUER,),
        "--ca-file": (*ISSUER,),
        "--seal-key-file": (*ISSUER, "--state-store", "sealed"),
    }
    usual_memory = {}

    def refused_file(self, option, path, says):
        """One line, and hardly more memory than it takes to say what is wrong with no file at all."""
        with self.subTest(option=option, path=path):
            arguments = (*self.FILES[option], "--listen", "127.0.0.1:0", option)
            if option not in self.usual_memory:
                _, self.usual_memory[option] = run_measured(*arguments, "/no/such/file")
            got, most = run_measured(*arguments, path)
            self.assert_refusal(got, says)
            self.assertLess(most, self.usual_memory[option] + 32 * MIB)

    def test_DO14_what_is_no_file(self):
        with tempfile.TemporaryDirectory() as folder:
            listening = os.path.join(folder, "socket")
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(listening)
                for option in self.FILES:
                    for path in ("/dev/zero", "/dev/null", "/dev/full", "/dev/tty", "/", folder, listening,
                                 os.path.join(folder, "missing"), ""):
                        says = option if path == "" else option + " cannot be read"
                        self.refused_file(option, path, says)

    def test_DO14_files_without_end(self):
        with tempfile.TemporaryDirectory() as folder:
            sparse = os.path.join(folder, "sparse")
            with open(sparse, "wb") as file:
                file.truncate(8 * KIB * MIB)  # a hole: it takes no place on the disk
            for option in self.FILES:
                most = "8 KiB" if option == "--client-secret-file" else "1 MiB"
                for path in (sparse, LOGIN_SERVER):
                    self.refused_file(option, path, f"{option} has more than {most}")

    def test_DO14_pipes(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            nothing = {"--client-secret-file": "is empty", "--client-key": "holds no private key",
                       "--ca-file": "holds no certificate", "--seal-key-file": "has to hold 1 to 16 keys"}
            for option, says in nothing.items():
                self.refused_file(option, pipe, f"{option} {says}")  # nobody writes
            # With O_RDWR the pipe has a writer from then on, before anybody reads.
            writer = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
            try:
                for option in self.FILES:
                    over = threading.Event()
                    endless = threading.Thread(target=self.write_without_end, args=(writer, over))
                    endless.start()
                    self.refused_file(option, pipe, f"{option} has more than ")
                    over.set()
                    endless.join()
            finally:
                os.close(writer)
            # As `--seal-key-file <(command)` has it.
            for option in ("--seal-key-file", "--client-secret-file"):
                writer = os.open(pipe, os.O_RDWR)
                os.write(writer, SEAL_KEY.encode())
                closing = threading.Thread(target=self.close_when_read, args=(writer,))
                closing.start()
                self.start_server(*self.FILES[option], option, pipe).stop()
                closing.join()

    @staticmethod
    def write_without_end(pipe, over):
        while not over.is_set():
            try:
                os.write(pipe, b"y\n" * 2048)
            except BlockingIOError:
                time.sleep(0.001)

    @staticmethod
    def close_when_read(pipe):
        deadline = time.monotonic() + PATIENCE
        unread = array.array("i", [1])
        while unread[0] != 0 and time.monotonic() < deadline:
            fcntl.ioctl(pipe, termios.FIONREAD, unread)
            time.sleep(0.001)
        os.close(pipe)

    @staticmethod
    def write(path, content):
        with open(path, "w", encoding="ascii") as file:
            file.write(content)

    @unittest.skipIf(os.geteuid() == 0, "root may read all files")
    def test_a_file_of_somebody_else(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file")
            self.write(path, SEAL_KEY)
            os.chmod(path, 0)
            for option in self.FILES:
                self.refused_file(option, path, option + " cannot be read")

    def test_empty_files(self):
        with tempfile.NamedTemporaryFile() as file:
            for option, says in (("--client-secret-file", "is empty"), ("--client-key", "holds no private key"),
                                 ("--ca-file", "holds no certificate"), ("--seal-key-file", "has to hold 1 to 16 keys")):
                self.refused_file(option, file.name, f"{option} {says}")

    def test_DO14_a_secret_has_8_KiB(self):
        """The newline at the end of the file is no part of it."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "secret")
            most = "s" * (8 * KIB)
            for content in (most, most + "\n", most + "\r\n", most[1:]):
                self.write(path, content)
                self.start_server(*ISSUER, "--client-secret-file", path).stop()
            for content in (most + "s", most + "s\n", most + "\n\n", most + "\n\r\n", most + "\r\n\n", most + "s\r\n",
                            most * 2):
                self.write(path, content)
                self.refused_file("--client-secret-file", path, "--client-secret-file has more than 8 KiB")
            self.start_server(*ISSUER, secret=most).stop()
            for secret in (most + "s", most + "\n", most * 8):
                self.refused(*ISSUER, secret=secret, says="COAUTH_CLIENT_SECRET has more than 8 KiB")

    def test_DO14_other_files_have_1_MiB(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file")
            provider = self.start_provider("--tls", path)
            with open(path, encoding="ascii") as file:
                authority = file.read()
            key = provider.do("make_key", algorithm="ES256")["pem"]
            for option, content in (("--client-key", key), ("--ca-file", authority), ("--seal-key-file", SEAL_KEY + "\n")):
                with self.subTest(option=option):
                    for size in (MIB - 1, MIB):
                        self.write(path, content + "\n" * (size - len(content)))
                        self.start_server(*self.FILES[option], option, path).stop()
                    for size in (MIB + 1, 2 * MIB):
                        self.write(path, content + "\n" * (size - len(content)))
                        self.refused_file(option, path, f"{option} has more than 1 MiB")

    def test_authorities(self):
        self.refused("--ca-file", "/no/such/file", says="--ca-file cannot be read")
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(b"not a certificate\n")
            file.flush()
            self.refused("--ca-file", file.name, says="--ca-file holds no certificate")

    def test_redirect_uri(self):
        self.refused("--redirect-uri", "", says="--redirect-uri is empty")
        self.refused("--redirect-uri", "http://app.example/callback", says="--redirect-uri has to be https")
        self.refused("--redirect-uri", "https://app.example/cb#here", says="--redirect-uri is not")
        self.refused("--redirect-uri", "com.example.app:/cb", says="--redirect-uri is not")
        for path in ("/", "", "/login", "/profile", "/logout", "/refresh", "/resource", "/healthz",
                     "/backchannel-logout", "/frontchannel-logout", "/signed-out"):
            self.refused("--redirect-uri", "https://app.example" + path, says="the path of another page")

    def test_post_logout_redirect_uri(self):
        for path in ("", "/", "/login", "/logout", "/callback", "/backchannel-logout"):
            self.refused("--redirect-uri", "https://app.example/callback", "--post-logout-redirect-uri",
                         "https://app.example" + path, says="--post-logout-redirect-uri has the path of another page")
        for uri in ("http://app.example/bye", "https://other.example/bye", "https://app.example:444/bye", "bye", "/bye",
                    "https://app.example/bye#x", "https://me@app.example/bye"):
            self.refused("--redirect-uri", "https://app.example/callback", "--post-logout-redirect-uri", uri,
                         says="--post-logout-redirect-uri is not of the same site")

    def test_id_tokens_need_an_issuer(self):
        self.refused(*ENDPOINTS, "--scope", "email openid", says="--scope openid needs --issuer")
        self.refused(*ENDPOINTS, "--id-token-alg", "RS256", says="--id-token-alg needs --issuer")

    def test_keys_need_a_provider(self):
        for option in ("--client-key", "--client-key-id", "--client-key-alg"):
            self.refused(option, "x", says=option + " needs a provider")

    def test_authorization_parameters(self):
        for name in ("state", "nonce", "client_id", "redirect_uri", "response_type", "response_mode", "scope",
                     "code_challenge", "code_challenge_method", "request", "request_uri"):
            self.refused(*ISSUER, "--authorize-param", name + "=x", says=f"--authorize-param {name}: ")
        self.refused(*ISSUER, "--authorize-param", "a=1", "--authorize-param", "a=2", says="--authorize-param a: ")
        self.refused(*ISSUER, "--authorize-param", "novalue", says="NAME=VALUE")
        self.refused(*ISSUER, "--authorize-param", "=x", says="NAME=VALUE")
        self.refused(*ISSUER, "--scope", 'open"id', says="--scope holds a character")

    def test_resource(self):
        self.refused(*ISSUER, "--resource", "http://api.example/", says="--resource has to be an https URL")
        self.refused(*ISSUER, "--resource", "api", says="--resource is not a usable URL")

    def test_one_line_when_ready(self):
        port = free_port()
        server = self.start_server(listen=f"127.0.0.1:{port}")
        self.assertEqual(server.stdout(), f"listening on http://127.0.0.1:{port}\n")
        server.stop()
        self.assertEqual(server.stdout(), f"listening on http://127.0.0.1:{port}\n")

    def test_a_secret_in_the_environment_is_ignored_by_public_clients(self):
        server = self.start_server(*ISSUER, "--client-auth", "none", secret=CLIENT_SECRET)
        server.stop()

    def test_several_resources_may_be_asked_for(self):
        server = self.start_server(*ISSUER, "--authorize-param", "resource=https://a.example",
                                   "--authorize-param", "resource=https://b.example")
        server.stop()


if __name__ == "__main__":
    unittest.main()
