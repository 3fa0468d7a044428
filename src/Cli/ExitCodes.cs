namespace SemanticSam.Cli;

/// <summary>What the process returns; documented in the README.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>Something that was asked for could not be done, in part or in whole; standard error says what.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A picture, a prompt or a prompts file cannot be used.</summary>
    public const int BadInput = 4;

    /// <summary>The model is unknown, missing, damaged, or cannot do what was asked.</summary>
    public const int BadModel = 5;

    /// <summary>A result cannot be written.</summary>
    public const int CannotWrite = 6;

    /// <summary>Something that should not happen; the message says what to report.</summary>
    public const int Internal = 70;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
