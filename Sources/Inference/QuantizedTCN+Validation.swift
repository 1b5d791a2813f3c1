extension QuantizedTCN {
    /// Scales and multipliers stay in this range, far from where float32 overflows or loses precision.
    static let scaleRange: ClosedRange<Float> = 1e-30...1e30

    /// Throws unless shapes agree with the architecture and the kernels can compute with every number.
    package func validate(against architecture: TCNArchitecture) throws(BundleError) {
        guard blocks.count == architecture.blocks else {
            throw BundleError(.field(Self.field), found: "\(blocks.count) blocks", expected: "\(architecture.blocks)")
        }
        try validateActivations()
        for (shape, entry) in zip(architecture.layers, layers) {
            try entry.layer.validate(against: shape)
            try entry.layer.validateSums(name: shape.name, input: entry.input, output: entry.output)
        }
    }

    private func validateActivations() throws(BundleError) {
        var activations = [("input", input), ("stem", stemOutput)]
        for (index, block) in blocks.enumerated() {
            activations.append(("blocks.\(index).conv", block.convOutput))
            activations.append(("blocks.\(index).pointwise", block.pointwiseOutput))
            activations.append(("blocks.\(index).output", block.output))
        }
        activations.append(("embedding", embedding))
        for (name, activation) in activations where !Self.scaleRange.contains(activation.scale) {
            throw BundleError(
                .field("\(Self.field).\(name).scale"), found: "\(activation.scale)", expected: "1e-30...1e30")
        }
        var x = stemOutput
        for (index, block) in blocks.enumerated() {
            for operand in [x, block.pointwiseOutput]
            where !Self.scaleRange.contains(operand.scale / block.output.scale) {
                throw BundleError(
                    .field("\(Self.field).blocks.\(index).output.scale"), found: "\(block.output.scale)",
                    expected: "a ratio to its operands of 1e-30...1e30")
            }
            x = block.output
        }
    }
}

extension QuantizedConvolution {
    func validate(against shape: BundleLayer) throws(BundleError) {
        guard outputs == shape.outputs, inputs == shape.inputs, taps == shape.taps else {
            throw BundleError(
                .tensor("\(shape.name).weight"), found: "shape [\(outputs), \(inputs), \(taps)]",
                expected: "[\(shape.outputs), \(shape.inputs), \(shape.taps)]")
        }
        for (name, count, expected) in [
            ("weight", weight.count, outputs * inputs * taps), ("weight_scale", weightScale.count, outputs),
            ("bias", bias.count, outputs),
        ] where count != expected {
            throw BundleError(.tensor("\(shape.name).\(name)"), found: "\(count) values", expected: "\(expected)")
        }
        if let index = weight.firstIndex(of: -128) {
            throw BundleError(.tensor("\(shape.name).weight"), found: "-128 at \(index)", expected: "-127...127")
        }
        if let index = weightScale.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
            throw BundleError(
                .tensor("\(shape.name).weight_scale"), found: "\(weightScale[index]) at \(index)",
                expected: "a positive finite number")
        }
    }

    /// The kernels add in int32 without looking: no input may carry a sum beyond it.
    func validateSums(
        name: String, input: ActivationQuantization, output: ActivationQuantization
    ) throws(BundleError) {
        for index in 0..<outputs {
            let sums = sums(ofOutput: index)
            let corrected = Int64(bias[index]) - Int64(input.zeroPoint) * sums.weight
            let largest = Int64(corrected.magnitude) + 128 * sums.size
            guard largest <= Int64(Int32.max) else {
                throw BundleError(
                    .tensor("\(name).bias"), found: "\(bias[index]) at \(index): sums up to \(largest)",
                    expected: "sums that fit 32 bits")
            }
            let multiplier = multiplier(ofOutput: index, input: input, output: output)
            guard QuantizedTCN.scaleRange.contains(multiplier) else {
                throw BundleError(
                    .tensor("\(name).weight_scale"),
                    found: "\(weightScale[index]) at \(index): multiplier \(multiplier)",
                    expected: "a multiplier of 1e-30...1e30")
            }
        }
    }
}
