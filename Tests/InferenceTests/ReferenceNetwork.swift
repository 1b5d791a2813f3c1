import Inference

/// The graph of `docs/bundle.md` by its definition, without rings, tiles or packing.
struct ReferenceNetwork {
    let architecture: TCNArchitecture
    let network: QuantizedTCN

    /// patches (step)(in·p); gives (step)(E).
    func embed(_ patches: [[Float]]) -> [[Int8]] {
        let inverse = 1 / network.input.scale
        let input = patches.map { patch in
            patch.map {
                KernelReference.requantize(
                    $0.isNaN ? 0 : KernelReference.product($0, inverse), zeroPoint: Int(network.input.zeroPoint),
                    low: -128)
            }
        }
        var x = run(network.stem, input, network.input, network.stemOutput, dilation: 1, isRectified: true)
        var xScale = network.stemOutput
        for (index, block) in network.blocks.enumerated() {
            let u = run(block.conv, x, xScale, block.convOutput, dilation: 1 << index, isRectified: true)
            let v = run(
                block.pointwise, u, block.convOutput, block.pointwiseOutput, dilation: 1, isRectified: false)
            x = zip(x, v).map { zip($0, $1).map { add($0, xScale, $1, block.pointwiseOutput, block.output) } }
            xScale = block.output
        }
        return run(network.projection, x, xScale, network.embedding, dilation: 1, isRectified: false)
    }

    private func add(
        _ x: Int8, _ xScale: ActivationQuantization, _ v: Int8, _ vScale: ActivationQuantization,
        _ output: ActivationQuantization
    ) -> Int8 {
        KernelReference.requantize(
            KernelReference.sum(
                KernelReference.product(Float(Int(x) - Int(xScale.zeroPoint)), xScale.scale / output.scale),
                KernelReference.product(Float(Int(v) - Int(vScale.zeroPoint)), vScale.scale / output.scale)),
            zeroPoint: Int(output.zeroPoint), low: Int(output.zeroPoint))
    }

    private func run(
        _ layer: QuantizedConvolution, _ frames: [[Int8]], _ input: ActivationQuantization,
        _ output: ActivationQuantization, dilation: Int, isRectified: Bool
    ) -> [[Int8]] {
        frames.indices.map { step in
            (0..<layer.outputs).map { channel in
                var total = Int64(layer.bias[channel])
                for tap in 0..<layer.taps {
                    let source = step - (layer.taps - 1 - tap) * dilation
                    guard source >= 0 else { continue }
                    for index in 0..<layer.inputs {
                        total +=
                            Int64(layer.weight[(channel * layer.inputs + index) * layer.taps + tap])
                            * Int64(Int(frames[source][index]) - Int(input.zeroPoint))
                    }
                }
                let multiplier = (input.scale * layer.weightScale[channel]) / output.scale
                return KernelReference.requantize(
                    KernelReference.product(Float(total), multiplier), zeroPoint: Int(output.zeroPoint),
                    low: isRectified ? Int(output.zeroPoint) : -128)
            }
        }
    }
}
