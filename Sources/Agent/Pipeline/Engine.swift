import Inference
import SedgeCore

/// With which kernels, and on how many threads, encoders run.
struct Engine: Sendable {
    let kernels: KernelSet
    let threads: Int

    init(_ inference: InferenceConfiguration) throws(KernelError) {
        kernels = try KernelSet.select(inference.kernel == "auto" ? nil : inference.kernel)
        threads = min(inference.threads, ProcessorCount.online)
    }

    func isSame(as other: Engine) -> Bool { kernels.name == other.kernels.name && threads == other.threads }

    /// An encoder whose self-test gave the bytes that it has to give.
    func makeEncoder(_ bundle: EncoderBundle) throws(SelfTestError) -> LaneEncoder {
        try bundle.selfTest(kernels: kernels)
        let encoder = LaneEncoder(bundle: bundle, kernels: kernels, threads: threads)
        if case .tcn(let encoder) = encoder { encoder.tune(now: SystemTime.monotonicNanoseconds) }
        return encoder
    }

    /// By fingerprint, without those that are `known`.
    func makeEncoders(of bundles: BundleSet, except known: Set<String> = []) throws(SelfTestError)
        -> [String: LaneEncoder]
    {
        var made: [String: LaneEncoder] = [:]
        for bundle in bundles.all.values where made[bundle.fingerprint] == nil && !known.contains(bundle.fingerprint) {
            made[bundle.fingerprint] = try makeEncoder(bundle)
        }
        return made
    }
}
