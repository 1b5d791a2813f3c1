import Inference
import SedgeCore
import Testing

/// `firmware-config/bundles/sensor-base.safetensors`, as it is committed.
struct ShippedBundleTests {
    private func bytes() throws -> [UInt8] {
        // Tests/TrainingTests/THIS FILE → the repository.
        let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return try FileBytes.read(
            root.joined(separator: "/") + "/firmware-config/bundles/sensor-base.safetensors", limit: 1 << 20)
    }

    @Test func loadsAndPassesItsSelfTestUnderAMebibyte() throws {
        let bytes = try bytes()
        let bundle = try ModelBundle(bytes: bytes)
        try bundle.selfTest()
        #expect(bundle.name == "sensor-base")
        #expect(bundle.architecture == .tcn64)
        #expect(bundle.training.contains("sedge train --steps"))
        #expect(bytes.count < 1 << 20)
    }
}
