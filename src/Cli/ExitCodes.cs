namespace SemanticSam.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCodes
{
    /// <summary>Everything that was asked for was done.</summary>
    public const int Ok = 0;

    /// <summary>The job failed, in part or in whole: an unreadable file, a model that is not there, a full disk. Standard error says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Interrupted by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
