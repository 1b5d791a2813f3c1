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

    @Test func onlyWhatIsNamedStays() throws {
        let digests = try (0..<3).map(keep)
        // The power went while it was written.
        try TestFile.write([1], to: "\(folder.file(digests[0])).new")
        folder.remove(but: [digests[0], digests[2], ContentDigest(of: bundles[3])])
        #expect(digests.map { folder.read($0) != nil } == [true, false, true])
        #expect((try? TestFile.read("\(folder.file(digests[0])).new")) == nil)
        folder.remove(but: [])
        #expect(digests.allSatisfy { folder.read($0) == nil })
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
        folder.remove(but: [new.digest])
        #expect(folder.parts(of: old).isEmpty && folder.parts(of: new) == [0])
    }
}
