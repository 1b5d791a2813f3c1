import Control
import Testing

struct BundleManifestTests {
    private let bundle = (0..<5000).map { UInt8(truncatingIfNeeded: ($0 &* 7919) >> 8) }

    @Test func knowsItsParts() throws {
        let manifest = try BundleManifest(json: BundleManifest(bundle: bundle, partSize: 1024).json())
        let parts = BundleManifest.split(bundle, 1024)
        #expect(manifest.parts.count == 5 && parts.count == 5)
        for (number, part) in parts.enumerated() { #expect(manifest.isPart(number, part)) }
        #expect(!manifest.isPart(1, parts[0]))
        #expect(!manifest.isPart(5, parts[0]) && !manifest.isPart(-1, parts[0]))
        #expect(!manifest.isPart(4, parts[4] + [0]))
        #expect(manifest.digest == ContentDigest(of: bundle))
    }

    @Test(arguments: ["", "{}", #"{"digest":"x","size":1,"part_size":1024,"parts":[]}"#])
    func refusesWhatIsNoManifest(_ json: String) {
        #expect(throws: Refusal.self) { try BundleManifest(json: Array(json.utf8)) }
    }

    @Test func refusesSizesThatDoNotFit() {
        let text = String(decoding: BundleManifest(bundle: bundle, partSize: 1024).json(), as: UTF8.self)
        for change in [("\"size\":5000", "\"size\":6000"), ("1024", "1"), ("5000", "99999999999")] {
            let changed = text.replacing(change.0, with: change.1)
            #expect(changed != text)
            #expect(throws: Refusal.self) { try BundleManifest(json: Array(changed.utf8)) }
        }
    }
}
