using System.Text;
using System.Text.Json;
using Trefoil.Primitives;
using Xunit;

namespace Trefoil.Unit.Primitives;

public class HashSlotTests
{
    [Fact]
    public void All_checksum_and_slot_vectors_hold()
    {
        using var vectors = JsonDocument.Parse(File.ReadAllBytes(Blake3Tests.DataPath("crc16/crc16_xmodem_vectors.json")));
        var count = 0;
        foreach (var vector in vectors.RootElement.EnumerateArray())
        {
            var key = Encoding.UTF8.GetBytes(vector.GetProperty("key").GetString()!);
            Assert.Equal(vector.GetProperty("crc16_of_full_key").GetInt32(), Crc16.Of(key));
            Assert.Equal(vector.GetProperty("slot16384_with_hashtag").GetInt32(), HashSlot.Of(key));
            count++;
        }

        Assert.Equal(29, count);
    }
}
