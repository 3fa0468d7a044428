using System.CommandLine;

namespace SemanticSam.Cli.Requests;

/// <summary>Validators of options: what is wrong with a value is said together with whatever else is wrong with the command line.</summary>
internal static class Checks
{
    /// <summary>Adds a check to an option.</summary>
    /// <param name="option">The option.</param>
    /// <param name="problem">What is wrong with a value, as a sentence; null if nothing is. Asked only where the option was given.</param>
    public static Option<T> Check<T>(this Option<T> option, Func<T, string?> problem)
    {
        option.Validators.Add(result =>
        {
            if (result.Implicit) return;
            T? value;
            try
            {
                value = result.GetValueOrDefault<T>();
            }
            catch (InvalidOperationException)
            {
                return; // not of the option's type, which the parser says itself
            }
            if (value is not null && problem(value) is { } wrong) result.AddError(wrong);
        });
        return option;
    }

    /// <summary>A whole number of a range.</summary>
    public static Option<int?> Within(this Option<int?> option, int least, int most, string unit = "") =>
        option.Check(value => value < least || value > most ? $"{option.Name} {value}: {least} to {most}{unit} are allowed." : null);

    /// <inheritdoc cref="Within(Option{int?}, int, int, string)"/>
    public static Option<int> Within(this Option<int> option, int least, int most, string unit = "") =>
        option.Check(value => value < least || value > most ? $"{option.Name} {value}: {least} to {most}{unit} are allowed." : null);

    /// <summary>A probability.</summary>
    public static Option<double?> Probability(this Option<double?> option) =>
        option.Check(value => value is >= 0 and <= 1 ? null : FormattableString.Invariant($"{option.Name} {value}: 0 to 1 are allowed."));

    /// <summary>A path or name that is not empty.</summary>
    public static Option<string> NotEmpty(this Option<string> option, string what) =>
        option.Check(value => string.IsNullOrWhiteSpace(value) ? $"{option.Name} is empty: name a {what}." : null);

    /// <summary>Whether an option or argument was given.</summary>
    public static bool IsGiven(this ParseResult parsed, Symbol symbol) =>
        parsed.GetResult(symbol) is System.CommandLine.Parsing.OptionResult { Implicit: false }
            or System.CommandLine.Parsing.ArgumentResult { Tokens.Count: > 0 };
}
