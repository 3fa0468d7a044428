using System.Net;

namespace SemanticSam.Server.Images;

/// <summary>Addresses of the public internet: none of IANA's special-purpose registries (RFC 6890 and its updates).</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global = IPNetwork.Parse("2000::/3");

    /// <summary>Parts of 2000::/3 that are not public, or carry an address of another kind inside them: Teredo, documentation, ORCHID, 6to4.</summary>
    private static readonly IPNetwork[] SpecialGlobal = [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20" }.Select(IPNetwork.Parse)];

    public static bool Contain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            ? !Special.Any(n => n.Contains(address))
            : Global.Contains(address) && !SpecialGlobal.Any(n => n.Contains(address));
    }
}
