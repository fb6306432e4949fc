using System.Runtime.Versioning;
using Xunit;

// Each scenario starts processes of its own on a machine with few cores: two at once would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

// Signals, /proc and the tools that the scenarios drive.
[assembly: SupportedOSPlatform("linux")]
