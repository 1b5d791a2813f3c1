import Control
import SedgeCore
import TestSupport
import Testing

@testable import Agent

struct ModelFolderTests {
    private let root = TemporaryFolder()
    private var folder: ModelFolder { ModelFolder(database: root.file("sedge.db")) }
    private let bundles = (0..<4).map { number in (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) } }

    private func keep(_ number: Int) throws -> ContentDigest {
        let digest = ContentDigest(of: bundles[number])
        try folder.keep(bundles[number], digest)
        return digest
    }

    @Test func twoSlotsHoldWhatIsInForceAndWhatIsNext() throws {
        let first = try keep(0)
        try folder.stage(first)
        #expect(folder.activeSlot == nil)
        try folder.activate(first)
        #expect(folder.activeSlot == .a)
        let second = try keep(1)
        try folder.stage(second)
        #expect(folder.activeSlot == .a && folder.digest(in: .b) == second)
        // Taken back, and another one in its place: what was in force stays, what nobody wants goes.
        let third = try keep(2)
        try folder.stage(third)
        #expect(folder.read(first) == bundles[0] && folder.read(second) == nil && folder.read(third) == bundles[2])
        try folder.activate(third)
        #expect(folder.activeSlot == .b && folder.read(first) == bundles[0])
    }

    @Test func anotherContentUnderTheNameIsNoBundle() throws {
        let digest = try keep(0)
        try TestFile.write(bundles[1], to: folder.file(digest))
        #expect(folder.read(digest) == nil)
    }

    @Test func partsThatAreHereNeedNotComeAgain() throws {
        let manifest = BundleManifest(bundle: bundles[3], partSize: 1024)
        let parts = BundleManifest.split(bundles[3], 1024)
        #expect(folder.parts(of: manifest).isEmpty)
        try folder.keep(parts[2], number: 2, of: manifest)
        try folder.keep(parts[0], number: 0, of: manifest)
        #expect(folder.parts(of: manifest) == [0, 2])
        try folder.keep(parts[1], number: 1, of: manifest)
        #expect(try folder.assemble(manifest) == bundles[3])
        #expect(folder.read(manifest.digest) == bundles[3])
        #expect(folder.parts(of: manifest).isEmpty)
    }

    @Test func otherPartsAreForgotten() throws {
        let old = BundleManifest(bundle: bundles[0], partSize: 1024)
        let new = BundleManifest(bundle: bundles[1], partSize: 1024)
        for manifest in [old, new] {
            try folder.keep(BundleManifest.split(bundles[manifest == old ? 0 : 1], 1024)[0], number: 0, of: manifest)
        }
        folder.forgetParts(but: new)
        #expect(folder.parts(of: old).isEmpty && folder.parts(of: new) == [0])
    }
}
