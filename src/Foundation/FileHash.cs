using System.Security.Cryptography;

namespace SemanticSam.Foundation;

/// <summary>SHA-256 of files.</summary>
internal static class FileHash
{
    /// <summary>Hashes a file piece by piece (1 MiB in memory at a time).</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told the bytes done after each piece; may be null.</param>
    /// <param name="cancellation">Stops between pieces.</param>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="OperationCanceledException">Canceled.</exception>
    public static string Sha256(string path, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        using var stream = RegularFile.OpenRead(path, bufferSize: 0, FileOptions.SequentialScan);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        long done = 0;
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            progress?.Report(done += read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
