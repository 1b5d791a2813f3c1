import SedgeCore

/// How the encoder's bundle and the kernels for it were found.
struct BundleObservation: Equatable, Sendable {
    /// As configured: a shipped name or a path.
    let name: String
    /// Nil where it can not be read.
    var fingerprint: String?
    /// Why it can not be used, with the status that `sedged` ends with.
    var problem: Problem?
    /// The kernels that were chosen; nil where the choice is not possible.
    var kernel: String?
    var kernelProblem: String?
    /// What this processor runs, best first.
    var available: [String] = []

    struct Problem: Equatable, Sendable {
        let code: ExitCode
        let text: String
    }

    init(name: String) { self.name = name }

    var findings: [Finding] { [bundleFinding, kernelFinding] }

    private var bundleFinding: Finding {
        if let problem {
            let advice =
                switch problem.code {
                case .configuration: "Correct inference.bundle, or install the bundle."
                case .data: "The file is damaged or made by another version: copy it again."
                default: "Check that the file is there and may be read."
                }
            return .fail(.bundle, fingerprint ?? name, problem.code, problem.text, advice: advice)
        }
        return .ok(.bundle, fingerprint ?? name, kernel == nil ? "is sound" : "is sound, self-test passed")
    }

    private var kernelFinding: Finding {
        let list = available.joined(separator: ", ")
        if let kernelProblem {
            return .fail(
                .kernel, nil, .configuration, kernelProblem,
                advice: "Set inference.kernel = \"auto\" and unset SEDGE_KERNEL.")
        }
        guard let kernel else { return .warn(.kernel, nil, "none chosen; this processor runs \(list)") }
        if let best = available.first, best != kernel {
            return .warn(
                .kernel, nil, "\(kernel) is chosen, though this processor runs \(best)",
                advice: "Set inference.kernel = \"auto\" and unset SEDGE_KERNEL, unless it is meant so.")
        }
        return .ok(.kernel, nil, "\(kernel) (this processor runs \(list))")
    }
}
