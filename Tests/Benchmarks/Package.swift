// swift-tools-version: 6.2
import PackageDescription

// The root package offers programs and no libraries, so this one builds its modules from the same folders, through
// the links in Sources/.
let swift: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "sedge-benchmarks",
    targets: [
        .target(name: "CKernels"),
        .systemLibrary(name: "CBLAS"),
        .target(name: "SedgeCore", swiftSettings: swift),
        .target(name: "Preprocessing", dependencies: ["SedgeCore"], swiftSettings: swift),
        // As in the agent's own manifest.
        .target(
            name: "Inference", dependencies: ["SedgeCore", "CKernels"],
            swiftSettings: swift + [.enableExperimentalFeature("Lifetimes")]),
        .target(name: "Learning", dependencies: ["SedgeCore"], swiftSettings: swift),
        .target(
            name: "Training", dependencies: ["SedgeCore", "Preprocessing", "Inference", "Learning", "CBLAS"],
            swiftSettings: swift),
        .executableTarget(
            name: "ours", dependencies: ["Inference", "Learning", "SedgeCore", "Training"], swiftSettings: swift),
    ]
)
