import SedgeCore
import Testing

@testable import Control

struct EnvelopeTests {
    @Test func comesBackFromJSONAsItWas() throws {
        let envelope = configuration(42, scope: .group(plant)) {
            $0.only = [gateway]
            $0.notBefore = Timestamp(milliseconds: 5)
            $0.expires = Timestamp(milliseconds: 9_007_199_254_740_991)
        }
        let read = try Envelope(json: envelope.json())
        #expect(read == envelope)
        #expect(read.isSigned(by: signer.trusted))
        #expect(!read.isSigned(by: stranger.trusted))
    }

    /// RFC 8032, 7.1, TEST 2: signatures are those that every other tool makes.
    @Test func verifiesAKnownSignature() throws {
        let key = try #require(TrustedKey("ed25519:PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="))
        let signature = try #require(
            Base64.decode("kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA=="))
        #expect(key.verifies(signature, [0x72]))
        #expect(!key.verifies(signature, [0x73]))
    }

    /// The header as the signature covers it: a change here would lock every node out.
    @Test func theSignedLineIsFixed() throws {
        var header = EnvelopeHeader(
            kind: .configuration, scope: toGateway, version: 7, digest: ContentDigest(of: []),
            key: try #require(KeyID("0123456789abcdef")))
        #expect(
            header.signedType
                == "application/vnd.sedge.configuration;v=1;target=node/gw-7;version=7;only=-;not_before=-;expires=-;"
                + "start=now;digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855;"
                + "key=0123456789abcdef")
        header.only = [gateway, try NodeID("gw-8")]
        header.waits = true
        #expect(header.signedType.contains(";only=gw-7,gw-8;") && header.signedType.contains(";start=asked;"))
        #expect(
            Envelope.signedBytes(header, [1, 2])
                == Array("DSSEv1 \(header.signedType.utf8.count) \(header.signedType) 2 ".utf8) + [1, 2])
    }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "an object"), ("{}", "v: expected an integer"),
        (#"{"v":1,"v":1}"#, "each key once"), (#"{"v":1,"more":1}"#, "unknown key"), (#"{"v":2}"#, "v: expected 1"),
        (#"{"v":1.0}"#, "v: expected an integer"), (#"{"v":"1"}"#, "v: expected an integer"),
        (#"{"v":1,"type":"firmware"}"#, "type: expected configuration, bundle, manifest, keys"),
    ])
    func saysWhatIsWrong(_ json: String, _ expected: String) {
        let error = #expect(throws: Refusal.self) { try Envelope(json: Array(json.utf8)) }
        #expect(error.map { "\($0)".contains(expected) } == true, "\(error.map { "\($0)" } ?? "")")
    }

    @Test func base64IsReadInOneWayAlone() {
        #expect(Base64.decode("QUI=") == Array("AB".utf8))
        for text in ["QUJ=", "QUI", "QU I=", "QUI=\n", "QUI-", "="] { #expect(Base64.decode(text) == nil, "\(text)") }
    }

    @Test(arguments: ["node/gw 7", "group/all", "node", "node/a/b", "everyone", ""])
    func refusesTargetsThatAreNone(_ text: String) { #expect(EnvelopeScope(text) == nil) }

    @Test func aPrivateKeyIsNeverPrinted() throws {
        let key = SigningKey()
        let secret = try #require(key.fileText.split(separator: ":").last).trimmed
        #expect(SigningKey(fileText: key.fileText)?.trusted == key.trusted)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains(secret)) }
    }
}

extension Substring {
    fileprivate var trimmed: String { String(prefix { !$0.isNewline }) }
}
