extension StreamingEncoder {
    /// The embeddings of a window of consecutive steps with no past before it: the bytes that a fresh lane would
    /// give. Runs layer by layer over the whole window and touches no lane; for training and checks, not for the
    /// hot path.
    /// - Parameter window: (steps, in·p) normalised.
    /// - Returns: (steps, E).
    package func embedBytes(window: Span<Float>) -> [Int8] {
        let (values, channels, taps) = (architecture.patchValues, architecture.channels, architecture.kernel)
        let steps = window.count / values
        precondition(window.count == steps * values, "found \(window.count) values, expected a multiple of \(values)")
        guard steps > 0 else { return [] }
        let scratch = Scratch(architecture, rows: steps)
        window.withUnsafeBufferPointer { window in
            network.quantize(count: window.count, values: window.baseAddress!, output: scratch.input)
        }
        func pointAtRows(of frames: UnsafeMutablePointer<Int8>, width: Int) {
            for step in 0..<steps { scratch.frames[step] = UnsafePointer(frames + step * width) }
        }
        pointAtRows(of: scratch.input, width: values)
        network.stem.run(rows: steps, frames: scratch.frames, output: scratch.x)

        let past = UnsafeMutablePointer<Int8>.allocate(capacity: channels)
        defer { past.deallocate() }
        for block in network.blocks {
            past.initialize(repeating: block.inputZeroPoint, count: channels)
            for step in 0..<steps {
                for tap in 0..<taps {
                    let source = step - (taps - 1 - tap) * block.dilation
                    scratch.frames[step * taps + tap] = UnsafePointer(source < 0 ? past : scratch.x + source * channels)
                }
            }
            block.conv.run(rows: steps, frames: scratch.frames, output: scratch.u)
            pointAtRows(of: scratch.u, width: channels)
            block.pointwise.run(rows: steps, frames: scratch.frames, output: scratch.v)
            network.add(block, count: steps * channels, x: scratch.x, v: scratch.v)
        }
        pointAtRows(of: scratch.x, width: channels)
        network.projection.run(rows: steps, frames: scratch.frames, output: scratch.embedding)
        return Array(UnsafeBufferPointer(start: scratch.embedding, count: steps * architecture.embedding))
    }

    /// As `embedBytes(window:)`, dequantised.
    package func embed(window: Span<Float>) -> [Float] {
        embedBytes(window: window).map(network.embedding.dequantize)
    }
}
