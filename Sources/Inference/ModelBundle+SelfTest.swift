extension ModelBundle {
    /// Streams the bundle's own vectors through an encoder; they must give their bytes.
    package func selfTest(kernels: KernelSet = .scalar) throws(SelfTestError) {
        let encoder = StreamingEncoder(bundle: self, kernels: kernels)
        let lane = [encoder.addLane()]
        let (values, width) = (architecture.patchValues, architecture.embedding)
        var embedding = [Int8](repeating: 0, count: width)
        for step in 0..<selfTestVectors.steps {
            var output = embedding.mutableSpan
            encoder.step(
                lanes: lane.span, patches: selfTestVectors.patches.span.extracting(step * values..<(step + 1) * values),
                bytes: &output)
            let expected = selfTestVectors.embeddings[step * width..<(step + 1) * width]
            if let index = zip(embedding, expected).enumerated().first(where: { $1.0 != $1.1 })?.offset {
                throw SelfTestError(
                    fingerprint: fingerprint, kernel: kernels.name, step: step, index: index, found: embedding[index],
                    expected: selfTestVectors.embeddings[step * width + index])
            }
        }
    }
}

/// The first byte of a self-test that came out wrong: the bundle was made by other arithmetic, or a kernel is broken.
package struct SelfTestError: Error, CustomStringConvertible, Equatable {
    package let fingerprint: String
    package let kernel: String
    package let step: Int
    package let index: Int
    package let found: Int8
    package let expected: Int8

    package var description: String {
        "self-test of \(fingerprint) with kernel \(kernel): embedding[\(index)] of step \(step): found \(found), "
            + "expected \(expected)"
    }
}
