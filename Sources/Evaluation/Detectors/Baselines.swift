/// What every report carries beside the agent.
package enum Baselines {
    /// Raw-window Sub-PCA, the row that targets are compared with.
    package static let subspaceName = "Sub-PCA, raw windows of 32"

    package static let detectors: [any Detector] = [
        ChannelwiseDetector(name: subspaceName, model: SubspaceModel(window: 32)),
        ChannelwiseDetector(name: "k-means, raw windows of 32", model: ClusterModel(window: 32, clusters: 20)),
        ChannelwiseDetector(
            name: "autoregression of order 8, mean of 10", model: AutoregressionModel(order: 8, smoothing: 10)),
        LevelDetector(.plain, smoothing: 1),
        LevelDetector(.plain, smoothing: 10),
        LevelDetector(.plain, smoothing: 50),
        LevelDetector(.robust, smoothing: 1),
        LevelDetector(.robust, smoothing: 50),
        PeriodicDetector(period: 600),
        RandomDetector(),
    ]
}
