"""What is special about S3: signatures, versions, links, listings of any length, and where its requests may go."""

import tracemalloc
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connectors.sdk import CredentialsError, Secret, SettingsError, TemporaryError
from connectors.stores._settings import Listing, Watched
from connectors.stores._signing import Keys, Question, signed_headers, signed_query
from connectors.stores.s3 import Connection, check, list_objects, object_changed
from tests.connectors.store_checks import StoreChecks, Writing, ask, read
from tests.connectors.store_stands import ChangedStand
from tests.peers.surroundings import surroundings
from tests.peers.web import Answer, Exchange, Request, web_peer

# The examples in "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference
KEYS = Keys(
    access_key="AKIAIOSFODNN7EXAMPLE",
    secret_key=Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    region="us-east-1",
)
QUESTION = Question(method="GET", host="examplebucket.s3.amazonaws.com", path="/test.txt")
MAY = datetime(2013, 5, 24, tzinfo=UTC)


class TestStore(StoreChecks):
    """The checks that all stores pass, `make_link` and the `preview` of `write_object` among them."""


def at(endpoint, **more):
    return Connection(access_key="key", secret_key=Secret("s3cret-s3cret"), endpoint=endpoint, **more)


async def listing(endpoint, **settings):
    async with surroundings() as around:
        return await list_objects(around.context(Listing(bucket="files", **settings), at(endpoint)))


def test_signs_headers_as_the_reference_does():
    sent = signed_headers(KEYS, QUESTION, {"Range": "bytes=0-9"}, b"", MAY)
    assert sent["Authorization"].endswith("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


def test_signs_links_as_the_reference_does():
    query = signed_query(KEYS, QUESTION, 86400, MAY)
    assert query["X-Amz-Signature"] == "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"


async def test_a_link_lets_anybody_read_for_a_while(bucket):
    path = await bucket.put("a b+ł.txt", b"hello")
    made = await ask(bucket, "make_link", path=path, minutes=5)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        assert (await client.get(made["url"])).text == "hello"
        assert (await client.get(made["url"].replace("Signature=", "Signature=0"))).status_code == 403
        assert (await client.get(made["url"].replace("Expires=300", "Expires=3000"))).status_code == 403


async def test_makes_no_link_to_what_is_not_there(bucket):
    with pytest.raises(SettingsError, match="no object missing"):
        await ask(bucket, "make_link", path="missing")


async def test_undo_brings_back_the_former_version(versioned):
    writing = Writing(versioned)
    await versioned.put("a.txt", b"former")
    receipt = await writing.write(text="new")
    assert await versioned.get("a.txt") == b"new"
    await writing.undo(receipt)
    assert await versioned.get("a.txt") == b"former"


async def test_undo_says_where_no_version_was_kept(bucket):
    await bucket.put("a.txt", b"former")
    receipt = await Writing(bucket).write(text="new")
    with pytest.raises(SettingsError, match="keeps no former versions"):
        await Writing(bucket).undo(receipt)


async def test_an_object_that_changes_while_it_is_read_waits_for_the_next_look(bucket):
    await bucket.put("a.txt", b"new")
    etag = b"22af645d1859cb5ca6da0c484f1f37ea"
    bucket.gate.rewrite = lambda content: content.replace(etag, b"0" * 32) if b"<List" in content else content
    found, cursor = await read(bucket)
    assert found == []
    bucket.gate.rewrite = bytes
    found, _ = await read(bucket, cursor)
    assert [item.content["file"].content for item in found] == [b"new"]


async def test_a_listing_that_was_cut_short_goes_on_where_it_was(bucket):
    stand = ChangedStand(bucket)
    await stand.add(1_100)
    reading = object_changed(bucket.context("object_changed", folder=bucket.folder, read=False), None)
    cursor = None
    async for item in reading:
        cursor = item.cursor
        if cursor:
            break
    await reading.aclose()
    asked = bucket.gate.asked
    rest, _ = await read(bucket, cursor, read=False)
    assert (len(rest), bucket.gate.asked) == (100, asked + 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"access_key": "other"}, "does not accept the keys"), ({"secret_key": Secret("x")}, "does not accept the keys")],
)
async def test_says_that_the_keys_are_wrong(bucket, wrong, said):
    good = bucket.connection
    values = {"access_key": good.access_key, "secret_key": good.secret_key, "endpoint": good.endpoint, **wrong}
    connection = Connection(**values)
    with pytest.raises(CredentialsError, match=said):
        await check(connection, bucket.around.context(Listing(bucket="files"), connection))


async def test_the_check_takes_keys_that_may_not_list_buckets():
    async with web_peer() as peer, surroundings() as around:
        peer.always(Answer(status=403, text="<Error><Code>AccessDenied</Code><Message>Denied</Message></Error>"))
        await check(at(peer.base), around.context(Listing(bucket="files"), at(peer.base)))
        assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        (403, "AccessDenied", CredentialsError, "does not let these keys do that"),
        (403, "RequestTimeTooSkewed", TemporaryError, "clock"),
        (400, "AuthorizationHeaderMalformed", SettingsError, "in another region than the connection says. It is in eu"),
        (301, "PermanentRedirect", SettingsError, "another region"),
        (503, "SlowDown", TemporaryError, "503 Service Unavailable: Slow & steady"),
        (400, "InvalidRequest", SettingsError, "Slow & steady"),
    ],
)
async def test_says_what_the_store_means(status, code, kind, said):
    async with web_peer() as peer:
        text = f"<Error><Code>{code}</Code><Message>Slow &amp; steady</Message></Error>"
        peer.always(Answer(status=status, text=text, headers={"x-amz-bucket-region": "eu"}))
        with pytest.raises(kind, match=said):
            await listing(peer.base)


@pytest.mark.parametrize("host", ["169.254.169.254", "10.0.0.7", "[fd00:ec2::254]", "192.168.1.1:9000"])
async def test_goes_nowhere_inside(host):
    with pytest.raises(SettingsError, match="not on the public internet"):
        await listing(f"http://{host}")


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest/meta-data/iam/", "http://127.0.0.2/other"])
async def test_follows_nobody_inside(location):
    async with web_peer() as peer:
        peer.always(Answer(status=307, headers={"Location": location}))
        with pytest.raises((SettingsError, TemporaryError), match=r"169\.254|127\.0\.0\.2"):
            await listing(peer.base)
        assert [asked.path for asked in peer.asked] == ["/files"]


async def test_takes_nothing_from_the_hubs_surroundings(monkeypatch):
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "HTTP_PROXY", "AWS_PROXY_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/hub")
    async with web_peer() as peer:
        peer.always(Answer(text="<ListBucketResult/>", headers={"Content-Type": "application/xml"}))
        assert (await listing(peer.base))["count"] == 0
        [asked] = peer.asked
        assert "Credential=key/" in asked.headers["Authorization"]
        assert not [name for name in asked.headers if "token" in name.lower()]


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult><Contents><Key>&a;</Key></Contents>',
        "<html><body>Sign in</body></html>",
        "<ListBucketResult>",
        "",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    ],
)
async def test_says_of_a_listing_that_it_cannot_be_read(content):
    async with web_peer() as peer:
        peer.always(Answer(text=content, headers={"Content-Type": "application/xml"}))
        with pytest.raises(TemporaryError):
            await listing(peer.base)


async def test_one_object_that_has_no_address_holds_up_no_other():
    keys = ["../up.txt", "a//b.txt", "/c.txt", "a/./d.txt", "dir/", "e%0Af.txt"]
    async with web_peer() as peer, surroundings() as around:
        peer.always(Answer(text=_page(keys), headers={"Content-Type": "application/xml"}))
        settings = Watched(bucket="files", read=True)
        found = [item async for item in object_changed(around.context(settings, at(peer.base)), None)]
    items = [item for item in found if item.content is not None]
    assert [item.title for item in items] == ["up.txt", "b.txt", "c.txt", "d.txt", "e\nf.txt"]
    problems = [isinstance(item.content["file"], dict) for item in items]
    assert problems == [True, False, False, True, False]


@pytest.mark.parametrize(
    ("style", "endpoint", "bucket", "host", "path"),
    [
        ("auto", "", "files", "files.s3.eu-west-1.amazonaws.com", "/a"),
        ("auto", "", "my.files", "s3.eu-west-1.amazonaws.com", "/my.files/a"),
        ("path", "", "files", "s3.eu-west-1.amazonaws.com", "/files/a"),
        ("auto", "https://minio.example.com:9000/", "files", "minio.example.com:9000", "/files/a"),
        ("virtual", "https://example.com", "files", "files.example.com", "/a"),
    ],
)
async def test_puts_the_bucket_where_the_store_expects_it(style, endpoint, bucket, host, path):
    async with surroundings() as around:
        connection = at(endpoint, style=style, region="eu-west-1")
        store = connection.store(around.context(Listing(bucket=bucket), connection), bucket)
        assert (await store.link("a", 60)).startswith(f"https://{host}{path}?")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"endpoint": "file:///etc/passwd"}, "http"),
        ({"endpoint": "https://user:pass@host"}, "fixed host"),
        ({"region": "../x"}, "region"),
        ({"access_key": "a/b"}, "access key"),
    ],
)
def test_refuses_connections_that_cannot_work(settings, said):
    with pytest.raises(ValueError, match=said):
        Connection(**{"access_key": "key", "secret_key": Secret("x"), **settings})


@pytest.mark.xdist_group("alone")
async def test_lists_ten_thousand_objects_without_growing(record_property):
    """The oldest objects are not remembered, so that a long listing takes the memory of one page."""
    small, large = await _peak(2_000), await _peak(10_000)
    record_property("measured", large / small)
    assert large < small * 1.5, f"{small:,} and {large:,} bytes at most"


async def _peak(number):
    old, pages = datetime.now(UTC) - timedelta(days=30), number // 1_000
    async with web_peer() as peer, surroundings() as around:
        peer.play([_exchange(page, pages, old) for page in range(pages)])
        context = around.context(Watched(bucket="files", read=False), at(peer.base))
        tracemalloc.start()
        count = sum([item.content is not None async for item in object_changed(context, None)])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (count, peer.unknown) == (number, [])
    return peak


def _exchange(page, pages, changed):
    asked = {"list-type": "2"} | ({"continuation-token": str(page)} if page else {})
    text = _page([f"{page}/{at:05}.txt" for at in range(1_000)], changed, page, pages)
    return Exchange(Request(path="/files", query=asked), Answer(text=text, headers={"Content-Type": "application/xml"}))


def _page(keys, changed=None, page=0, pages=1):
    """Write one page of a listing as Amazon's reference shows it."""
    moment = (changed or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    found = "".join(
        f'<Contents><Key>{key}</Key><LastModified>{moment}</LastModified><ETag>"e"</ETag><Size>1</Size></Contents>'
        for key in keys
    )
    more = page + 1 < pages
    mark = f"<NextContinuationToken>{page + 1}</NextContinuationToken>" if more else ""
    head = f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>{mark}"
    return f"<ListBucketResult>{head}{found}</ListBucketResult>"
