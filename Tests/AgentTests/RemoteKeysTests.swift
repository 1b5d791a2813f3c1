import Control
import SedgeCore
import Store
import Testing

@testable import Agent

/// A broker repeats what it retains at every connection, and keys change in between.
struct RemoteKeysTests {
    private let control: ControlUnderTest
    private let new = SigningKey()
    private let rotation: Envelope

    init() throws {
        control = try ControlUnderTest()
        let change = KeyChange(add: [new.trusted], revoke: [control.key.trusted.id])
        rotation = control.key.sign(change.json(), kind: .keys, scope: ControlUnderTest.node, version: 5) {
            $0.expires = SystemTime.now() + 3_600_000_000
        }
    }

    @Test(arguments: [false, true]) func aRepeatedRotationChangesNothing(restarts: Bool) throws {
        let settings = control.configuration(version: 3)
        control.sendAndKeep(settings)
        control.send(rotation)
        #expect(try control.reports(.keys).last?.status == "active")
        let (keys, audit) = (control.worker.node.keys, try control.audit())
        if restarts { try control.restart() }
        let before = (try control.reports(.keys), try control.reports(.configuration))
        control.send(rotation)
        control.send(settings)
        // The same change under a stranger's name, and under the revoked key's with a signature that is not its.
        let stranger = SigningKey()
        control.send(stranger.sign(rotation.payload, kind: .keys, scope: ControlUnderTest.node, version: 5))
        control.send(Envelope(header: rotation.header, payload: rotation.payload, signature: settings.signature))
        #expect(try control.reports(.keys) == before.0 && control.reports(.configuration) == before.1)
        #expect(control.worker.node.keys == keys && keys.trusted.keys.sorted() == [new.trusted.id])
        #expect(try control.audit() == audit)
        let standing = control.worker.node.standing(.keys, now: SystemTime.now())
        #expect(standing.status == "active" && standing.active == ["node/gw-7": 5])
        #expect(standing.version == 5 && standing.transaction == rotation.header.transaction)
        #expect(standing.digest == "\(rotation.header.digest)" && standing.key == "\(control.key.trusted.id)")
        // Anything new has to be rightly signed, as ever.
        control.send(stranger.sign(rotation.payload, kind: .keys, scope: ControlUnderTest.node, version: 6))
        #expect(try control.reports(.keys).last?.status == "rejected")
        control.send(control.configuration(version: 4))
        #expect(try control.reports(.configuration).last?.reason == "key \(control.key.trusted.id) is revoked")
        #expect(control.worker.node.keys == keys && control.state(.configuration) == nil)
    }

    @Test func anEmptyListInTheFileTurnsItOff() throws {
        let change = KeyChange(add: [new.trusted])
        control.send(control.key.sign(change.json(), kind: .keys, scope: ControlUnderTest.node, version: 1))
        #expect(control.worker.node.keys.trusted.count == 2)
        try control.edit(keys: [], groups: [])
        #expect(control.worker.node.keys.isEmpty && control.subscriptions.last?.filters == [])
        control.send(new.sign(Array("{}".utf8), kind: .configuration, scope: ControlUnderTest.node, version: 1))
        #expect(try control.reports(.configuration).last?.status == "rejected")
        try control.edit(keys: [control.key.trusted], groups: [])
        #expect(control.worker.node.keys.trusted.count == 2 && control.subscriptions.last?.filters.isEmpty == false)
    }

    @Test func onlyTheLastChangeOfAScopeIsNoted() throws {
        for version in 1...4 {
            let change = KeyChange(add: [SigningKey().trusted])
            control.send(
                control.key.sign(change.json(), kind: .keys, scope: ControlUnderTest.node, version: Int64(version)))
        }
        try control.restart()
        let names = try control.writer.sync { $0.acceptedVersions.filter { $0.key.hasPrefix("key-change:") } }
        #expect(Array(names.values) == [4])
        #expect(control.worker.node.standing(.keys, now: SystemTime.now()).active == ["node/gw-7": 4])
    }
}
