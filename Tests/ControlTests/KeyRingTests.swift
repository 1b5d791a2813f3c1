import Control
import Testing

struct KeyRingTests {
    @Test func aMessageAddsAndRevokes() throws {
        let ring = KeyRing(file: [signer.trusted])
        let change = KeyChange(add: [stranger.trusted], revoke: [signer.trusted.id])
        let after = try ring.applying(KeyChange(json: change.json()))
        #expect(try after.key(stranger.trusted.id) == stranger.trusted)
        #expect(throws: Refusal.revokedKey(signer.trusted.id)) { try after.key(signer.trusted.id) }
    }

    @Test func aRevokedKeyNeverComesBack() throws {
        let ring = KeyRing(file: [signer.trusted, stranger.trusted], revoked: [stranger.trusted.id])
        #expect(ring.trusted.keys.sorted() == [signer.trusted.id])
        #expect(throws: Refusal.self) { try ring.applying(KeyChange(add: [stranger.trusted])) }
    }

    @Test func theLastKeyCanNotBeRevoked() {
        let ring = KeyRing(file: [signer.trusted])
        #expect(throws: Refusal.unusable("it would leave no trusted key")) {
            try ring.applying(KeyChange(revoke: [signer.trusted.id]))
        }
    }

    @Test(arguments: ["", "{}", "[]", #"{"add":"x"}"#, #"{"add":["x"]}"#, #"{"revoke":[1]}"#, #"{"trust":[]}"#])
    func refusesWhatIsNoChange(_ json: String) {
        #expect(throws: Refusal.self) { try KeyChange(json: Array(json.utf8)) }
    }
}
