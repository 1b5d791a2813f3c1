import Control
import SedgeCore
import Testing

@testable import Agent

/// Parts that came in vain are asked for anew.
struct RemotePartsTests {
    private let control: ControlUnderTest

    init() throws { control = try ControlUnderTest() }

    private let filter = "sedge/gw-7/model/desired/+"
    private let second: Int64 = 1_000_000_000

    private func manifest(_ content: UInt8, version: Int64) -> (manifest: BundleManifest, envelope: Envelope) {
        let manifest = BundleManifest(bundle: [UInt8](repeating: content, count: 5000), partSize: 1024)
        return (
            manifest,
            control.key.sign(manifest.json(), kind: .manifest, scope: ControlUnderTest.node, version: version)
        )
    }

    @Test func aNewManifestAsksForItsPartsThoughTheFilterIsTheSame() {
        control.send(manifest(1, version: 1).envelope)
        #expect(control.subscriptions.last?.anew == filter)
        let count = control.subscriptions.count
        control.send(manifest(2, version: 2).envelope)
        #expect(control.subscriptions.count > count && control.subscriptions.last?.anew == filter)
    }

    @Test func aFetchThatStandsStillIsAskedForAnew() {
        control.send(manifest(1, version: 1).envelope)
        let count = control.subscriptions.count
        control.worker.tendFetch(0)
        control.worker.tendFetch(14 * second)
        #expect(control.subscriptions.count == count)
        control.worker.tendFetch(15 * second)
        #expect(control.subscriptions.count == count + 1 && control.subscriptions.last?.anew == filter)
        #expect(control.subscriptions.last?.filters.contains(filter) == true)
    }

    @Test func aFetchWhosePlaceWasTakenEnds() throws {
        control.send(manifest(1, version: 1).envelope)
        control.send(try control.model(2, version: 2))
        control.worker.tendFetch(0)
        #expect(control.worker.fetch == nil && control.subscriptions.last?.filters.contains(filter) == false)
    }

    @Test func patienceGrowsUntilSomethingComes() {
        let (manifest, envelope) = manifest(1, version: 1)
        var fetch = PartsFetch(candidate: Candidate(header: envelope.header), manifest: manifest, present: [])
        let first = (0...200).filter { fetch.isStalled($0 * second) }
        #expect(first == [15, 45, 105])
        let parts = BundleManifest.split([UInt8](repeating: 1, count: 5000), 1024)
        let isTaken = fetch.takes(parts[0], number: 0)
        #expect(isTaken)
        let then = (201...240).filter { fetch.isStalled($0 * second) }
        #expect(then == [216])
    }
}
