package import Inference

/// Windows of a person whose sensor is read as a gateway reads it, from the first sample to the last, for the label head:
/// what `PersonalStream` says of each window, and products of levels and of scales' logarithms, two by two, since what
/// tells motions apart is often one channel beside another.
package struct PersonalReader: WindowReader {
    package let name: String
    package let kind = ResultTable.Kind.agent
    private let bundle: ModelBundle
    private let kernels: KernelSet

    package init(name: String, bundle: ModelBundle, kernels: KernelSet) {
        self.name = name
        self.bundle = bundle
        self.kernels = kernels
    }

    package func features(of windows: LabelledWindows) throws -> [[Double]] {
        let stream = try PersonalStream(windows, bundle: bundle, kernels: kernels)
        return zip(stream.features(nil), stream.scales).map { features, scales in
            // Level, scale and its logarithm of each lane.
            let lanes = stride(from: 0, to: scales.count, by: 3)
            let products = lanes.flatMap { one in
                stride(from: 0, through: one, by: 3).flatMap { other in
                    [scales[one] * scales[other], scales[one + 2] * scales[other + 2]]
                }
            }
            return features + products
        }
    }
}
