package import SedgeCore

extension QuantizedTail {
    private static let format: UInt32 = 0x5441_0001

    /// The tail as bytes, tied to the bundle whose frames it reads.
    package func snapshot(of fingerprint: String) -> [UInt8] {
        var writer = SnapshotWriter(format: Self.format)
        writer.write(fingerprint)
        for range in [input, block.convOutput, block.pointwiseOutput, block.output, embedding] {
            writer.write(range.scale)
            writer.write(range.zeroPoint)
        }
        for layer in [block.conv, block.pointwise, projection] {
            writer.write(layer.weight)
            writer.write(layer.weightScale)
            writer.write(layer.bias)
        }
        return writer.finish()
    }

    /// - Throws: where the bytes are damaged, of another bundle, or no tail of this one.
    package init(snapshot: [UInt8], of bundle: ModelBundle) throws(SnapshotError) {
        var reader = try SnapshotReader(snapshot, format: Self.format)
        let model = try reader.readString()
        guard model == bundle.fingerprint else {
            throw .impossible("it belongs to \(model), this is \(bundle.fingerprint)")
        }
        var tail = bundle.network.tail
        var ranges: [ActivationQuantization] = []
        for _ in 0..<5 {
            ranges.append(ActivationQuantization(scale: try reader.readFloat(), zeroPoint: try reader.read(Int8.self)))
        }
        (tail.block.convOutput, tail.block.pointwiseOutput) = (ranges[1], ranges[2])
        (tail.block.output, tail.embedding) = (ranges[3], ranges[4])
        try Self.read(&tail.block.conv, from: &reader)
        try Self.read(&tail.block.pointwise, from: &reader)
        try Self.read(&tail.projection, from: &reader)
        try reader.finish()
        self.init(input: ranges[0], block: tail.block, projection: tail.projection, embedding: tail.embedding)
        do {
            _ = try bundle.network.replacing(tail: self, in: bundle.architecture)
        } catch {
            throw .impossible("\(error)")
        }
    }

    /// The fingerprint of the bundle that a snapshot belongs to.
    package static func model(of snapshot: [UInt8]) throws(SnapshotError) -> String {
        var reader = try SnapshotReader(snapshot, format: format)
        return try reader.readString()
    }

    private static func read(
        _ layer: inout QuantizedConvolution, from reader: inout SnapshotReader
    ) throws(SnapshotError) {
        layer.weight = try reader.readArray(Int8.self, count: layer.weight.count)
        layer.weightScale = try reader.readFloats(count: layer.outputs)
        layer.bias = try reader.readArray(Int32.self, count: layer.outputs)
    }
}
