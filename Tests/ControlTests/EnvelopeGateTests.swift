import Control
import SedgeCore
import Testing

struct EnvelopeGateTests {
    private func refusal(_ envelope: Envelope, _ here: EnvelopeGate.Circumstances = circumstances()) -> Refusal? {
        if case .refuse(let refusal, _) = EnvelopeGate.judge(envelope.json(), here) { refusal } else { nil }
    }

    @Test func acceptsWhatATrustedKeySigned() {
        let envelope = configuration(1)
        #expect(EnvelopeGate.judge(envelope.json(), circumstances()) == .accept(envelope))
    }

    @Test func refusesStrangersAndRevokedKeys() {
        #expect(refusal(configuration(1, key: stranger)) == .unknownKey(stranger.trusted.id))
        let revoked = circumstances {
            $0.keys = KeyRing(file: [signer.trusted, stranger.trusted], revoked: [stranger.trusted.id])
        }
        #expect(refusal(configuration(1, key: stranger), revoked) == .revokedKey(stranger.trusted.id))
    }

    @Test func refusesASignatureOverAnythingElse() {
        let right = configuration(1)
        var header = right.header
        header.version = 2
        let forged = Envelope(header: header, payload: right.payload, signature: right.signature)
        #expect(refusal(forged) == .badSignature(signer.trusted.id))
        let named = stranger.sign(
            EnvelopeHeader(
                kind: .configuration, scope: toGateway, version: 3, digest: right.header.digest, key: signer.trusted.id),
            right.payload)
        #expect(refusal(named) == .badSignature(signer.trusted.id))
    }

    @Test func refusesWhatIsForOthers() throws {
        let other = EnvelopeScope.node(try NodeID("gw-8"))
        #expect(refusal(configuration(1, scope: other)) == .wrongTarget(other))
        #expect(refusal(configuration(1, scope: other), circumstances(.configuration, other)) == .wrongTarget(other))
        let group = EnvelopeScope.group(try GroupID("elsewhere"))
        #expect(refusal(configuration(1, scope: group), circumstances(.configuration, group)) == .wrongTarget(group))
        #expect(refusal(configuration(1), circumstances(.configuration, .all)) == .wrongTarget(toGateway))
        #expect(
            refusal(configuration(1), circumstances(.keys)) == .wrongKind(.configuration, on: .keys))
    }

    @Test func leavesTheOtherNodesOfAGroupAlone() throws {
        let someone = configuration(5, scope: .group(plant)) { $0.only = [try! NodeID("gw-1")] }
        let here = circumstances(.configuration, .group(plant))
        #expect(EnvelopeGate.judge(someone.json(), here) == .others(someone.header))
        let me = configuration(5, scope: .group(plant)) { $0.only = [gateway] }
        #expect(EnvelopeGate.judge(me.json(), here) == .accept(me))
    }

    @Test func refusesReplaysAndDowngrades() {
        let seen = circumstances {
            $0.highest = 7
            $0.highestDigest = ContentDigest(of: settings)
        }
        #expect(refusal(configuration(6), seen) == .downgrade(found: 6, highest: 7))
        #expect(EnvelopeGate.judge(configuration(7).json(), seen) == .known(configuration(7).header))
        #expect(refusal(configuration(7, payload: [1]), seen) == .reused(version: 7))
        #expect(EnvelopeGate.judge(configuration(8).json(), seen) == .accept(configuration(8)))
    }

    /// Its key may have been revoked since, by itself even; and a copy of it, whoever signed that, asks for nothing.
    @Test func knowsWhatItAcceptedWhoeverSignedIt() {
        let seen = circumstances {
            $0.highest = 7
            $0.highestDigest = ContentDigest(of: settings)
            $0.keys = KeyRing(file: [signer.trusted], revoked: [signer.trusted.id])
        }
        #expect(EnvelopeGate.judge(configuration(7).json(), seen) == .known(configuration(7).header))
        let copy = configuration(7, key: stranger)
        #expect(EnvelopeGate.judge(copy.json(), seen) == .known(copy.header))
        #expect(refusal(configuration(8), seen) == .revokedKey(signer.trusted.id))
        #expect(refusal(configuration(7, payload: [1]), seen) == .revokedKey(signer.trusted.id))
        let elsewhere = circumstances(.configuration, .group(plant)) {
            $0.highest = 7
            $0.highestDigest = ContentDigest(of: settings)
        }
        #expect(refusal(copy, elsewhere) == .unknownKey(stranger.trusted.id))
    }

    /// A lost database leaves the number in the second file, and not what came with it.
    @Test func takesTheHighestVersionAgainWhenItsContentIsLost() {
        let lost = circumstances { $0.highest = 7 }
        #expect(EnvelopeGate.judge(configuration(7).json(), lost) == .accept(configuration(7)))
        #expect(refusal(configuration(6), lost) == .downgrade(found: 6, highest: 7))
    }

    @Test func judgesTimesOnlyByAClockThatIsRight() {
        let old = configuration(1) { $0.expires = Timestamp(milliseconds: 1_000_000) }
        let early = configuration(1) { $0.notBefore = Timestamp(milliseconds: 1_000_001) }
        #expect(refusal(old) == .expired)
        #expect(refusal(early) == .notYet)
        let unsynced = circumstances { $0.isClockSynced = false }
        #expect(EnvelopeGate.judge(old.json(), unsynced) == .accept(old))
        #expect(EnvelopeGate.judge(early.json(), unsynced) == .accept(early))
    }

    @Test func noRefusalRepeatsWhatWasSent() {
        let secret = "hunter2"
        for text in [secret, #"{"v":1,"hunter2":1}"#, #"{"v":1,"type":"hunter2"}"#, #"{"v":"hunter2"}"#] {
            guard case .refuse(let refusal, _) = EnvelopeGate.judge(Array(text.utf8), circumstances()) else {
                Issue.record("accepted \(text)")
                continue
            }
            #expect(!"\(refusal)".contains(secret), "\(refusal)")
        }
        let error = #expect(throws: Refusal.self) {
            try ConfigurationLayers.read(Array(#"{"mqtt":{"password_file":"hunter2"}}"#.utf8))
        }
        #expect(error.map { !"\($0)".contains(secret) } == true)
    }
}
