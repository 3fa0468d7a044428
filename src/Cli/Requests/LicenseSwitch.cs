using System.CommandLine;
using SemanticSam.Training.Data;

namespace SemanticSam.Cli.Requests;

/// <summary>Which license classes of the data are taken.</summary>
internal static class LicenseSwitch
{
    /// <summary>The switch.</summary>
    /// <param name="what">What the classes are for, as the beginning of a sentence.</param>
    public static Option<string[]> Create(string what) => new("--licenses", "--licences")
    {
        Description = $"{what}, such as MIT,CC-BY-4.0; 'permissive' for Apache, MIT, BSD, CC BY, public domain and COCO; 'all' for every one.",
        HelpName = "NAMES", AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The filter; nothing given leaves out what is for research only.</summary>
    public static DatasetFilter Read(string[]? given)
    {
        string[] names = [.. (given ?? []).SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        return names switch
        {
            [] => DatasetFilter.NotResearch,
            ["all"] => new DatasetFilter(),
            _ => DatasetFilter.Of(names),
        };
    }
}
