import Inference
import Learning
import SedgeCore
import Testing
import Training

/// What lies in `firmware-config/bundles`, as it is committed.
struct ShippedBundleTests {
    private func bytes(_ name: String) throws -> [UInt8] {
        // Tests/TrainingTests/THIS FILE → the repository.
        let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return try FileBytes.read(
            root.joined(separator: "/") + "/firmware-config/bundles/\(name).safetensors", limit: 1 << 20)
    }

    @Test(arguments: [("sensor-base", NetworkShape.tcn64), ("sensor-small", .tcn32)])
    func loadsAndPassesItsSelfTestUnderAMebibyte(name: String, shape: NetworkShape) throws {
        let bytes = try bytes(name)
        let bundle = try ModelBundle(bytes: bytes)
        try bundle.selfTest()
        #expect(bundle.name == name)
        #expect(bundle.architecture == TCNArchitecture(shape))
        #expect(bundle.training.contains("sedge train --steps"))
        #expect(bytes.count < 1 << 20)
    }
}
